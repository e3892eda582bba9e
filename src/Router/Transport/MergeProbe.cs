using System.Net;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Transport;

/// <summary>Asks the kernel at start-up whether it merges what it receives and says how (UDP_GRO), over sockets of its own on loopback.</summary>
internal static unsafe class MergeProbe
{
    private const int Part = 100;
    private const int Parts = 3;
    private const int MaxWaitMilliseconds = 200;

    /// <returns>True when a run of three came as one datagram with the length of its parts.</returns>
    internal static bool Run()
    {
        try
        {
            using FileDescriptor socket = SocketFactory.OpenUdp(IPAddress.Loopback, 0, out int family);
            if (!TryEnable(socket)) return false;
            using var epoll = new Epoll();
            epoll.Add(socket, LibCConstants.EpollIn, 0);
            using var batch = new ReceiveBatch(merged: true);
            return Send(socket, family) && epoll.WaitThroughSignals(MaxWaitMilliseconds) > 0 && batch.Receive(socket) == 1
                && batch.Datagram(0).Length == Parts * Part && batch.PartLength(0) == Part;
        }
        catch (IOException)
        {
            return false;                                  // no loopback: start without
        }
    }

    /// <summary>Lets a socket take merged datagrams; false when the kernel does not know it.</summary>
    internal static bool TryEnable(FileDescriptor socket) =>
        SocketFactory.TrySet(socket, LibCConstants.SolUdp, LibCConstants.UdpGro, 1);

    private static bool Send(FileDescriptor socket, int family)
    {
        using var slab = new SendSlab(new SocketSender(socket), family, new SegmentationPolicy(isSupported: true));
        slab.Reserve(Parts * Part).Clear();
        slab.Commit(SocketAddresses.Local(socket), Parts * Part, Part, isVideo: false);
        slab.Flush(default);
        return slab.Messages == 1;
    }
}
