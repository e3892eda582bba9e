namespace Sfu.Router.Transport.Native;

/// <summary>Constants of the Linux socket interface, as the generic (x86-64, arm64) kernel headers define them.</summary>
internal static class LibCConstants
{
    internal const int AfInet = 2;
    internal const int AfInet6 = 10;
    internal const int SockStream = 1;
    internal const int SockDgram = 2;
    internal const int SockNonBlock = 0x800;
    internal const int SockCloseOnExec = 0x80000;

    internal const int SolSocket = 1;
    internal const int SoReuseAddr = 2;
    internal const int SoSendBuffer = 7;
    internal const int SoReceiveBuffer = 8;
    internal const int SoNoCheck = 11;
    internal const int SoReusePort = 15;
    internal const int SoSendBufferForce = 32;
    internal const int SoReceiveBufferForce = 33;
    internal const int SoReceiveQueueOverflow = 40;
    internal const int SoAttachReusePortFilter = 51;

    internal const int IpProtoTcp = 6;
    internal const int TcpNoDelay = 1;
    internal const int TcpNotSentLowAt = 25;

    internal const int IpProtoIPv6 = 41;
    internal const int IPv6Only = 26;

    internal const int SolUdp = 17;
    internal const int UdpSegment = 103;
    internal const int UdpGro = 104;

    internal const int MsgDontWait = 0x40;
    internal const int MsgTruncated = 0x20;
    internal const int MsgNoSignal = 0x4000;

    internal const int EpollCloseOnExec = 0x80000;
    internal const int EpollAdd = 1;
    internal const int EpollDelete = 2;
    internal const int EpollModify = 3;
    internal const uint EpollIn = 0x001;
    internal const uint EpollOut = 0x004;
    internal const uint EpollError = 0x008;
    internal const uint EpollHangUp = 0x010;

    internal const int EventFdNonBlock = 0x800;
    internal const int EventFdCloseOnExec = 0x80000;

    internal const int ClockRealtime = 0;
}
