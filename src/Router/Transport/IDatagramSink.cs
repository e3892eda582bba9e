using Sfu.Media.Ice;
using Sfu.Media.Time;

namespace Sfu.Router.Transport;

/// <summary>Where a worker's outgoing bytes go: the sockets in production, a simulated link in tests.</summary>
/// <remarks>Owned by one media worker. Reserved memory is native or pinned and stays in place until <see cref="Flush"/>; what was committed
/// is not read before, because ciphers finish late.</remarks>
internal interface IDatagramSink
{
    /// <summary>Enough is queued that a flush pays (PERFORMANCE: 64 messages or 256 KiB).</summary>
    bool IsFlushDue { get; }

    /// <summary>Contiguous room behind what was committed last.</summary>
    /// <param name="length">Bytes, at most <see cref="SendSlab.MaxReservation"/>.</param>
    /// <returns>The room, or empty when there is none before the next flush; a flush always makes room.</returns>
    Span<byte> Reserve(int length);

    /// <summary>Queues the first bytes of the last reservation.</summary>
    /// <param name="to">The receiver. For TCP the bytes are RFC 4571 frames already.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="segmentLength">UDP only: cut into datagrams of this length, the last one shorter or equal; 0 for one datagram.</param>
    /// <param name="isVideo">Nothing but video: the first to go when the kernel takes no more.</param>
    void Commit(in TransportAddress to, int length, int segmentLength, bool isVideo);

    /// <summary>True when video for this receiver is to be dropped before it is protected: its TCP queue is full or late.</summary>
    bool IsCongested(MediaTime now, in TransportAddress to);

    /// <summary>Hands what is queued to the network; what it does not take stays queued, up to a limit.</summary>
    void Flush(MediaTime now);

    /// <summary>A TCP connection has no further use (its transport closed); no effect for UDP.</summary>
    void Close(in TransportAddress connection);

    /// <summary>A TCP connection carried a valid check: it is no longer a stranger's.</summary>
    void OnAuthenticated(in TransportAddress connection);
}
