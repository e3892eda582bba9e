using System.Net;
using Sfu.Media.Ice;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Transport;

/// <summary>The worker's one UDP port with its receive and send slabs: a socket for everything, and where the kernel can tell it apart a second
/// one that only takes transport-cc feedback.</summary>
/// <remarks>Owned by one media worker thread; closed by <see cref="Dispose"/>.</remarks>
internal sealed class UdpEndpoint : IDisposable
{
    /// <summary>Kernel buffers we ask for, in bytes each way.</summary>
    internal const int WantedBuffer = 8 * 1024 * 1024;

    private const int FeedbackBuffer = 1024 * 1024;

    private readonly FileDescriptor? _feedbackSocket;

    /// <summary>Opens the socket.</summary>
    /// <param name="address">Local address; <see cref="IPAddress.IPv6Any"/> serves both families.</param>
    /// <param name="port">Local port, or 0 for any.</param>
    /// <param name="segmentation">Whether merged sends are tried.</param>
    /// <param name="merging">Whether merged datagrams are asked for.</param>
    /// <exception cref="IOException">The address or port cannot be bound.</exception>
    internal UdpEndpoint(IPAddress address, int port, SegmentationMode segmentation, SegmentationMode merging = SegmentationMode.Off)
    {
        Socket = SocketFactory.OpenUdp(address, port, out int family);
        ReceiveBuffer = SocketFactory.SetBuffer(Socket, receive: true, WantedBuffer);
        SendBuffer = SocketFactory.SetBuffer(Socket, receive: false, WantedBuffer);
        _ = SocketFactory.TrySet(Socket, LibCConstants.SolSocket, LibCConstants.SoReceiveQueueOverflow, 1);
        Local = SocketAddresses.Local(Socket);
        _feedbackSocket = PortSplit.TryOpen(Socket, () => SocketFactory.OpenUdp(address, Local.Port, out _, shares: true));
        if (_feedbackSocket is not null)
        {
            _ = SocketFactory.SetBuffer(_feedbackSocket, receive: true, FeedbackBuffer);
            _ = SocketFactory.TrySet(_feedbackSocket, LibCConstants.SolSocket, LibCConstants.SoReceiveQueueOverflow, 1);
            Feedback = new ReceiveBatch();
        }

        TakesMerged = merging == SegmentationMode.Auto && MergeProbe.Run() && MergeProbe.TryEnable(Socket);
        Incoming = new ReceiveBatch(TakesMerged);
        Outgoing = new SendSlab(new SocketSender(Socket), family, new SegmentationPolicy(segmentation == SegmentationMode.Auto && SegmentationProbe.Run()));
    }

    /// <summary>For the epoll registration.</summary>
    internal FileDescriptor Socket { get; }

    /// <summary>The bound address and port.</summary>
    internal TransportAddress Local { get; }

    /// <summary>The kernel's receive buffer in bytes; below <see cref="WantedBuffer"/> when net.core.rmem_max limits it.</summary>
    internal int ReceiveBuffer { get; }

    /// <summary>The kernel's send buffer in bytes; below <see cref="WantedBuffer"/> when net.core.wmem_max limits it.</summary>
    internal int SendBuffer { get; }

    /// <summary>The kernel may merge datagrams of one sender before we get them (UDP_GRO).</summary>
    internal bool TakesMerged { get; }

    /// <summary>The receive slab.</summary>
    internal ReceiveBatch Incoming { get; }

    /// <summary>The receive slab of feedback; null when it comes with everything else.</summary>
    internal ReceiveBatch? Feedback { get; }

    /// <summary>Datagrams the kernel had no room for since the start, modulo 2^32.</summary>
    internal uint KernelDrops => Incoming.KernelDrops + (Feedback?.KernelDrops ?? 0);

    /// <summary>The send slab.</summary>
    internal SendSlab Outgoing { get; }

    /// <summary>System calls that received.</summary>
    internal long ReceiveCalls { get; private set; }

    /// <summary>System calls that looked for feedback.</summary>
    internal long FeedbackCalls { get; private set; }

    /// <summary>Takes a batch of feedback into <see cref="Feedback"/>, which must be there.</summary>
    /// <returns>Their number; less than its capacity when the socket is empty now.</returns>
    internal int ReceiveFeedback()
    {
        FeedbackCalls++;
        return Feedback!.Receive(_feedbackSocket!);
    }

    /// <summary>Takes a batch of datagrams into <see cref="Incoming"/>.</summary>
    /// <returns>Their number; less than its capacity when the socket is empty now.</returns>
    internal int Receive()
    {
        ReceiveCalls++;
        return Incoming.Receive(Socket);
    }

    /// <summary>Makes the kernel refuse merged sends to IPv4 receivers, as an old kernel or a tunnel does: it cannot cut without checksums
    /// (which IPv6 may not leave out).</summary>
    internal void RefuseSegmentationForTest() => _ = SocketFactory.TrySet(Socket, LibCConstants.SolSocket, LibCConstants.SoNoCheck, 1);

    /// <inheritdoc/>
    public void Dispose()
    {
        Incoming.Dispose();
        Feedback?.Dispose();
        _feedbackSocket?.Dispose();
        Outgoing.Dispose();
        Socket.Dispose();
    }
}
