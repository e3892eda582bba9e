namespace Sfu.Router.Workers.Events;

/// <summary>Once a second per room: what the control plane shows of its connections.</summary>
/// <remarks>The room fills the same one again when its reader has released it: they would be the most of a steady call's garbage. One that nobody releases is
/// never filled again.</remarks>
/// <param name="Room">The room.</param>
/// <param name="Transports">Its transports.</param>
public sealed record RoomSummary(RoomId Room, IReadOnlyList<TransportSummary> Transports) : WorkerEvent
{
    private volatile bool _isReleased;

    /// <summary>The reader is done with it.</summary>
    public bool IsReleased => _isReleased;

    /// <summary>The reader is done with it and keeps nothing of it.</summary>
    public void Release() => _isReleased = true;

    /// <summary>Takes one that was released, or makes one.</summary>
    /// <param name="last">What the room posted last; no room posts into another's.</param>
    /// <param name="room">The room.</param>
    /// <param name="rows">Empty, to be filled before the event is posted.</param>
    internal static RoomSummary Begin(RoomSummary? last, RoomId room, out List<TransportSummary> rows)
    {
        if (last is { IsReleased: true, Transports: List<TransportSummary> old })
        {
            last._isReleased = false;
            old.Clear();
            rows = old;
            return last;
        }

        rows = [];
        return new RoomSummary(room, rows);
    }
}

/// <summary>One transport in the last second.</summary>
/// <remarks>A value: a room of many has one list of them, not as many objects a second.</remarks>
/// <param name="Transport">The transport.</param>
/// <param name="RoundTrip">Smoothed RTT from receiver reports; zero when unknown.</param>
/// <param name="LossUp">Share of the client's packets that did not reach us before repair, 0 to 1.</param>
/// <param name="LossDown">Share of our packets that did not reach the client, from its reports, 0 to 1.</param>
/// <param name="JitterUp">Interarrival jitter of the worst incoming stream (RFC 3550 section 6.4.1).</param>
/// <param name="BytesReceived">Total of the transport's life.</param>
/// <param name="BytesSent">Total of the transport's life.</param>
public readonly record struct TransportSummary(
    TransportId Transport, TimeSpan RoundTrip, double LossUp, double LossDown, TimeSpan JitterUp, long BytesReceived, long BytesSent);
