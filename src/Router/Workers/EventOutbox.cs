using System.Threading.Channels;
using Sfu.Router.Rooms;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Workers;

/// <summary>The worker's events on their way to the control plane: a bounded channel, and a bounded overflow for those that must arrive.</summary>
/// <remarks>Written by the worker thread only. When the control plane stalls, summaries and speaker changes are dropped first (the next
/// one replaces them); what happened to a transport waits. Every dropped event is counted.</remarks>
internal sealed class EventOutbox : IWorkerEventSink
{
    private const int ChannelCapacity = 8192;
    private const int OverflowCapacity = 65_536;

    private readonly Channel<WorkerEvent> _channel = Channel.CreateBounded<WorkerEvent>(
        new BoundedChannelOptions(ChannelCapacity) { SingleWriter = true, SingleReader = false, AllowSynchronousContinuations = false });

    private readonly Queue<WorkerEvent> _overflow = new();

    /// <summary>The control plane's end.</summary>
    internal ChannelReader<WorkerEvent> Reader => _channel.Reader;

    /// <summary>Events lost.</summary>
    internal long Dropped { get; private set; }

    /// <inheritdoc/>
    public void Post(WorkerEvent workerEvent)
    {
        Retry();
        if (_overflow.Count == 0 && _channel.Writer.TryWrite(workerEvent)) return;
        bool isReplaceable = workerEvent is RoomSummary or ActiveSpeakersChanged;
        if (isReplaceable || _overflow.Count == OverflowCapacity) Dropped++;
        else _overflow.Enqueue(workerEvent);
    }

    /// <summary>Moves what waits into the channel, in order, as far as there is room.</summary>
    internal void Retry()
    {
        while (_overflow.TryPeek(out WorkerEvent? oldest) && _channel.Writer.TryWrite(oldest)) _overflow.Dequeue();
    }

    /// <summary>Ends the channel: the reader gets what is in it, then the end.</summary>
    internal void Complete()
    {
        Retry();
        Dropped += _overflow.Count;
        _channel.Writer.TryComplete();
    }
}
