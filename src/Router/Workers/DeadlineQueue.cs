using Sfu.Media.Time;

namespace Sfu.Router.Workers;

/// <summary>When each of the worker's rooms and transports wants to be called: a binary heap over small numbers, one deadline each.</summary>
/// <remarks>Owned by one media worker. Moving a deadline costs O(log n) and no allocation; the arrays grow only when a higher number
/// first appears, which is a command's doing.</remarks>
internal sealed class DeadlineQueue
{
    private const int Absent = -1;

    private int[] _heap = new int[64];                     // numbers, earliest deadline first
    private int[] _positions = NewPositions(64, []);       // by number: where it is in the heap
    private MediaTime[] _due = new MediaTime[64];          // by number
    private int _count;

    /// <summary>The earliest deadline, or <see cref="MediaTime.Never"/>.</summary>
    internal MediaTime Next => _count == 0 ? MediaTime.Never : _due[_heap[0]];

    /// <summary>Sets, moves or (with <see cref="MediaTime.Never"/>) removes the deadline of a number from 0 on.</summary>
    internal void Set(int number, MediaTime due)
    {
        if (number >= _positions.Length) Grow(number + 1);
        int position = _positions[number];
        if (due.IsNever)
        {
            if (position != Absent) RemoveAt(position);
            return;
        }

        if (position != Absent && _due[number] == due) return;
        _due[number] = due;
        if (position == Absent)
        {
            position = _count++;
            Place(number, position);
        }

        SiftUp(position);
        SiftDown(_positions[number]);
    }

    /// <summary>The deadline of a number, or <see cref="MediaTime.Never"/>.</summary>
    internal MediaTime Of(int number) => number < _positions.Length && _positions[number] != Absent ? _due[number] : MediaTime.Never;

    /// <summary>Takes out the number whose deadline is the earliest, if that is not after <paramref name="now"/>.</summary>
    internal bool TryTakeDue(MediaTime now, out int number, out MediaTime due)
    {
        number = Absent;
        due = MediaTime.Never;
        if (_count == 0 || _due[_heap[0]] > now) return false;
        number = _heap[0];
        due = _due[number];
        RemoveAt(0);
        return true;
    }

    private static int[] NewPositions(int length, int[] old)
    {
        var positions = new int[length];
        Array.Fill(positions, Absent);
        old.CopyTo(positions, 0);
        return positions;
    }

    private void Grow(int needed)
    {
        int length = Math.Max(needed, _positions.Length * 2);
        _positions = NewPositions(length, _positions);
        Array.Resize(ref _due, length);
        Array.Resize(ref _heap, length);
    }

    private void RemoveAt(int position)
    {
        _positions[_heap[position]] = Absent;
        int last = _heap[--_count];
        if (position == _count) return;
        Place(last, position);
        SiftUp(position);
        SiftDown(_positions[last]);
    }

    private void SiftUp(int position)
    {
        int number = _heap[position];
        while (position > 0)
        {
            int parent = (position - 1) / 2;
            if (_due[_heap[parent]] <= _due[number]) break;
            Place(_heap[parent], position);
            position = parent;
        }

        Place(number, position);
    }

    private void SiftDown(int position)
    {
        int number = _heap[position];
        for (int child = 2 * position + 1; child < _count; child = 2 * position + 1)
        {
            if (child + 1 < _count && _due[_heap[child + 1]] < _due[_heap[child]]) child++;
            if (_due[number] <= _due[_heap[child]]) break;
            Place(_heap[child], position);
            position = child;
        }

        Place(number, position);
    }

    private void Place(int number, int position)
    {
        _heap[position] = number;
        _positions[number] = position;
    }
}
