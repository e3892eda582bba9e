using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Rooms;

/// <summary>One room on the data plane: which producer feeds which consumers. Pure: told the time, does no I/O.</summary>
/// <remarks>Owned by one media worker; not thread-safe; no allocation per packet.</remarks>
#pragma warning disable CA1822
public sealed class RoomRouter : IDisposable
{
    /// <summary>Makes an empty room.</summary>
    /// <param name="room">Its id.</param>
    /// <param name="context">What its worker gives it.</param>
    internal RoomRouter(RoomId room, RoomContext context)
    {
        Room = room;
        _ = context;
    }

    /// <summary>Its id.</summary>
    public RoomId Room { get; }

    /// <summary>True when no transport is left.</summary>
    public bool IsEmpty => true;

    /// <summary>When <see cref="OnDeadline"/> wants to be called.</summary>
    public MediaTime NextDeadline => MediaTime.Never;

    /// <summary>Adds a transport; media may be queued to its output from now on, once <see cref="OnConnected"/> was called.</summary>
    public RoutedTransport AddTransport(MediaTime now, TransportId id, ITransportOutput output) => new(id, output);

    /// <summary>The transport has keys and an address: its consumers start, their producers are asked for key frames.</summary>
    public void OnConnected(MediaTime now, RoutedTransport transport) { }

    /// <summary>Removes a transport with its producers and consumers.</summary>
    public void RemoveTransport(MediaTime now, RoutedTransport transport) { }

    /// <summary>Carries out a command for a producer, consumer or tap of this room.</summary>
    /// <returns>False when the id is not (any more) in this room.</returns>
    public bool Execute(MediaTime now, WorkerCommand command) => false;

    /// <summary>Takes one plain RTP packet; it is copied into the producer's ring.</summary>
    public void OnRtp(MediaTime now, RoutedTransport from, ReadOnlySpan<byte> plain, in RtpHeader header) { }

    /// <summary>Takes one plain RTCP compound.</summary>
    public void OnRtcp(MediaTime now, RoutedTransport from, ReadOnlySpan<byte> compound) { }

    /// <summary>Sends what is due: reports, feedback, NACKs, key frame requests, summaries.</summary>
    public void OnDeadline(MediaTime now) { }

    /// <inheritdoc/>
    public void Dispose() { }
}
