using System.Net;
using Sfu.Media.Ice;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Transport;

/// <summary>Asks the kernel at start-up whether it cuts merged sends apart, over a socket of its own on loopback.</summary>
internal static unsafe class SegmentationProbe
{
    private const int SegmentLength = 100;
    private const int Segments = 3;
    private const int ControlSize = 24;
    private const int MaxWaitMilliseconds = 200;           // loopback delivers within the send, unless the machine is very busy
    private const int ControlLength = 18;

    /// <returns>True when a message of three segments was taken and came as segments: a kernel that does not know the option ignores it.</returns>
    internal static bool Run()
    {
        try
        {
            using FileDescriptor socket = SocketFactory.OpenUdp(IPAddress.Loopback, 0, out int family);
            return Send(socket, SocketAddresses.Local(socket), family) && ArrivesCut(socket);
        }
        catch (IOException)
        {
            return false;                                  // no loopback: start without, as a refusal later would do
        }
    }

    private static bool ArrivesCut(FileDescriptor socket)
    {
        using var epoll = new Epoll();
        epoll.Add(socket, LibCConstants.EpollIn, 0);
        if (epoll.WaitThroughSignals(MaxWaitMilliseconds) == 0) return false;
        byte* bytes = stackalloc byte[Segments * SegmentLength];
        return LibC.Receive(socket, bytes, Segments * SegmentLength, LibCConstants.MsgDontWait) == SegmentLength;
    }

    private static bool Send(FileDescriptor socket, in TransportAddress to, int family)
    {
        byte* bytes = stackalloc byte[Segments * SegmentLength];
        new Span<byte>(bytes, Segments * SegmentLength).Clear();
        byte* control = stackalloc byte[ControlSize];
        *(CMsgHdr*)control = new CMsgHdr { Length = ControlLength, Level = LibCConstants.SolUdp, Type = LibCConstants.UdpSegment };
        *(ushort*)(control + sizeof(CMsgHdr)) = SegmentLength;
        SockAddr name;
        var vector = new IoVec { Base = (nint)bytes, Length = Segments * SegmentLength };
        var header = new MsgHdr
        {
            Name = (nint)(&name),
            NameLength = SocketAddresses.Write((byte*)&name, to, family),
            IoVec = (nint)(&vector),
            IoVecLength = 1,
            Control = (nint)control,
            ControlLength = ControlSize,
        };
        return LibC.SendMessage(socket, &header, LibCConstants.MsgDontWait | LibCConstants.MsgNoSignal) > 0;
    }
}
