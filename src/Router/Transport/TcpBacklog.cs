using Sfu.Media.Time;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Transport;

/// <summary>Bytes that a TCP connection could not take yet, and how old they are.</summary>
/// <remarks>Owned by one TCP connection. Ages are kept at a resolution of 25 ms.</remarks>
internal sealed class TcpBacklog : IDisposable
{
    /// <summary>Most bytes waiting before video is dropped.</summary>
    internal const int Limit = 256 * 1024;

    /// <summary>Longest wait before video is dropped.</summary>
    internal static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(500);

    private const int Capacity = Limit + 65_536;           // what is appended at the limit still fits
    private const int MaxMarks = 32;
    private static readonly TimeSpan MarkSpacing = TimeSpan.FromMilliseconds(25);

    private readonly NativeBlock _bytes = new(Capacity);
    private readonly (long Upto, MediaTime At)[] _marks = new (long, MediaTime)[MaxMarks];
    private int _firstMark;
    private int _markCount;
    private long _sent;                                    // since the connection began, as _marks count
    private int _start;
    private int _end;

    /// <summary>Bytes waiting.</summary>
    internal int Length => _end - _start;

    /// <summary>The waiting bytes, oldest first.</summary>
    internal ReadOnlySpan<byte> Waiting => _bytes.Slice(_start, _end - _start);

    /// <summary>True when video for this connection is to be dropped.</summary>
    internal bool IsCongested(MediaTime now) => Length > Limit || (Length > 0 && now - _marks[_firstMark].At > MaxAge);

    /// <summary>Appends at most 65,536 bytes while <see cref="Length"/> is not above <see cref="Limit"/>.</summary>
    internal void Append(MediaTime now, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Capacity - _end) Compact();
        bytes.CopyTo(_bytes.Slice(_end, bytes.Length));
        _end += bytes.Length;
        Mark(now);
    }

    /// <summary>Says how many of the waiting bytes were sent.</summary>
    internal void Advance(int bytes)
    {
        _start += bytes;
        _sent += bytes;
        while (_markCount > 0 && _marks[_firstMark].Upto <= _sent)
        {
            _firstMark = (_firstMark + 1) % MaxMarks;
            _markCount--;
        }

        if (_start == _end) _start = _end = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _bytes.Dispose();

    private void Mark(MediaTime now)
    {
        int last = (_firstMark + _markCount - 1 + MaxMarks) % MaxMarks;
        bool extend = _markCount > 0 && (_markCount == MaxMarks || now - _marks[last].At < MarkSpacing);
        if (!extend)
        {
            last = (last + 1) % MaxMarks;
            _markCount++;
            _marks[last].At = now;
        }

        _marks[last].Upto = _sent + Length;
    }

    private void Compact()
    {
        Waiting.CopyTo(_bytes.Slice(0, Length));
        _end -= _start;
        _start = 0;
    }
}
