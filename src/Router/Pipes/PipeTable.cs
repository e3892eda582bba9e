using System.Diagnostics.CodeAnalysis;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Pipes;

/// <summary>The pipes of one worker: those it writes, and those it reads with the channels that end here.</summary>
/// <remarks>Owned by one media worker. Grows by commands only.</remarks>
internal sealed class PipeTable
{
    private readonly List<Pipe> _writes = [];
    private readonly List<PipeReading> _reads = [];

    /// <summary>Pipes that this worker reads.</summary>
    internal IReadOnlyList<PipeReading> Reads => _reads;

    /// <summary>Something waits to be read.</summary>
    internal bool HasMore
    {
        get
        {
            foreach (PipeReading reading in _reads)
                if (reading.Pipe.Ring.HasMore) return true;
            return false;
        }
    }

    /// <summary>This worker writes a pipe from now on.</summary>
    internal void AddWriter(Pipe pipe)
    {
        if (!_writes.Contains(pipe)) _writes.Add(pipe);
    }

    /// <summary>A channel ends here: what comes of it goes to the inlet.</summary>
    internal void Add(PipeInlet inlet)
    {
        PipeReading? reading = Find(inlet.Channel.Pipe);
        if (reading is null) _reads.Add(reading = new PipeReading(inlet.Channel.Pipe));
        reading.Add(inlet);
    }

    /// <summary>A channel ends; its origin is told, as soon as its mailbox takes it.</summary>
    internal void Remove(PipeInlet inlet)
    {
        if (Find(inlet.Channel.Pipe) is not { } reading) return;
        reading.Remove(inlet);
        reading.Goodbyes.Enqueue(new ClosePipe(inlet.Channel));
        reading.SendGoodbyes();
    }

    /// <summary>Ends this worker's use of a pipe.</summary>
    internal void Release(Pipe pipe, bool isWriter)
    {
        if (isWriter)
        {
            _writes.Remove(pipe);
            pipe.Ring.CloseWriter();
            return;
        }

        if (Find(pipe) is { } reading) _reads.Remove(reading);
        pipe.Ring.CloseReader();
    }

    /// <summary>Shows the readers what was written in this turn, and wakes those who sleep.</summary>
    internal void Publish()
    {
        foreach (Pipe pipe in _writes)
            if (pipe.Ring.Publish()) pipe.Edge.Wake();
    }

    /// <summary>The worker ends.</summary>
    internal void CloseAll()
    {
        foreach (Pipe pipe in _writes) pipe.Ring.CloseWriter();
        foreach (PipeReading reading in _reads) reading.Pipe.Ring.CloseReader();
        _writes.Clear();
        _reads.Clear();
    }

    private PipeReading? Find(Pipe pipe)
    {
        foreach (PipeReading reading in _reads)
            if (reading.Pipe == pipe) return reading;
        return null;
    }
}

/// <summary>One pipe that a worker reads, and the channels in it. A few hundred at most: a scan is faster than a hash.</summary>
internal sealed class PipeReading(Pipe pipe)
{
    private long[] _numbers = new long[16];
    private PipeInlet?[] _inlets = new PipeInlet?[16];
    private int _count;

    /// <summary>The pipe.</summary>
    internal Pipe Pipe { get; } = pipe;

    /// <summary>What the origin must still be told.</summary>
    internal Queue<ClosePipe> Goodbyes { get; } = new();

    /// <summary>Adds a channel.</summary>
    internal void Add(PipeInlet inlet)
    {
        if (_count == _numbers.Length)
        {
            Array.Resize(ref _numbers, 2 * _count);
            Array.Resize(ref _inlets, 2 * _count);
        }

        _numbers[_count] = inlet.Channel.Edge.Value;
        _inlets[_count++] = inlet;
    }

    /// <summary>Removes a channel.</summary>
    internal void Remove(PipeInlet inlet)
    {
        int at = Array.IndexOf(_inlets, inlet, 0, _count);
        if (at < 0) return;
        _count--;
        (_numbers[at], _inlets[at], _inlets[_count]) = (_numbers[_count], _inlets[_count], null);
    }

    /// <summary>Finds a channel; one that ended has left things in the pipe.</summary>
    internal bool TryFind(long channel, [NotNullWhen(true)] out PipeInlet? inlet)
    {
        int at = _numbers.AsSpan(0, _count).IndexOf(channel);
        inlet = at < 0 ? null : _inlets[at];
        return inlet is not null;
    }

    /// <summary>Tells the origin which channels ended, as far as its mailbox takes it.</summary>
    internal void SendGoodbyes()
    {
        while (Goodbyes.TryPeek(out ClosePipe? oldest) && Pipe.Origin.TryPost(oldest)) Goodbyes.Dequeue();
    }
}
