using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Overload;
using Sfu.Router.Workers;

namespace Sfu.Router.Transport;

/// <summary>The production sink: UDP messages stay in the send slab, TCP frames go to their connection.</summary>
internal sealed unsafe class WorkerSink(SendSlab slab, TcpEndpoint tcp, ForwardDelays delays) : IDatagramSink
{
    /// <inheritdoc/>
    public bool IsFlushDue => slab.IsFlushDue || tcp.IsQueueFull;

    /// <inheritdoc/>
    public Span<byte> Reserve(int length) => tcp.IsQueueFull ? default : slab.Reserve(length);

    /// <inheritdoc/>
    public void Commit(in TransportAddress to, int length, int segmentLength, bool isVideo)
    {
        if (to.Protocol == TransportProtocol.Tcp) tcp.Queue(to.Connection, slab.Detach(length), length);
        else slab.Commit(to, length, segmentLength, isVideo);
    }

    /// <inheritdoc/>
    public bool IsCongested(MediaTime now, in TransportAddress to) =>
        to.Protocol == TransportProtocol.Tcp && tcp.IsCongested(now, to.Connection);

    /// <inheritdoc/>
    public void Flush(MediaTime now)
    {
        long before = slab.Datagrams;
        MediaTime at = MonotonicClock.Now;
        slab.Send(now);                                    // UDP does not wait for TCP
        tcp.Flush(now);                                    // copies what it cannot send, so the slab is free afterwards
        slab.Settle();
        delays.OnSent(at, slab.Datagrams - before);
    }

    /// <inheritdoc/>
    public void Close(in TransportAddress connection) => tcp.Close(connection.Connection);

    /// <inheritdoc/>
    public void OnAuthenticated(in TransportAddress connection) => tcp.OnAuthenticated(connection.Connection);
}
