namespace Sfu.Router.Transport.Native;

/// <summary>The Linux error numbers that the sockets code tells apart (errno(3); the same on x86-64 and arm64).</summary>
internal static class Errno
{
    internal const int Perm = 1;
    internal const int Intr = 4;
    internal const int Io = 5;
    internal const int Again = 11;
    internal const int NoMem = 12;
    internal const int Inval = 22;
    internal const int Nfile = 23;
    internal const int Mfile = 24;
    internal const int MsgSize = 90;
    internal const int NoProtoOpt = 92;
    internal const int AfNoSupport = 97;
    internal const int AddrInUse = 98;
    internal const int AddrNotAvail = 99;
    internal const int NoBufs = 105;
    internal const int InProgress = 115;
}
