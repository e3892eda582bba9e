using System.Runtime.InteropServices;

namespace Sfu.Router.Transport.Native;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IoVec
{
    internal nint Base;
    internal nuint Length;
}

/// <summary>struct msghdr of 64-bit glibc (56 bytes; the runtime pads it as the C compiler does).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MsgHdr
{
    internal nint Name;
    internal uint NameLength;
    internal nint IoVec;
    internal nuint IoVecLength;
    internal nint Control;
    internal nuint ControlLength;
    internal int Flags;
}

/// <summary>struct mmsghdr (64 bytes).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MMsgHdr
{
    internal MsgHdr Header;
    internal uint Length;
}

/// <summary>struct timespec of 64-bit glibc.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    internal long Seconds;
    internal long Nanoseconds;
}

/// <summary>struct cmsghdr of 64-bit glibc (16 bytes); the data follows at once.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CMsgHdr
{
    internal nuint Length;
    internal int Level;
    internal int Type;
}

/// <summary>struct sockaddr_in6 (28 bytes) with room for struct sockaddr_in (16 bytes); fields as they lie in memory.</summary>
[StructLayout(LayoutKind.Sequential, Size = Size)]
internal unsafe struct SockAddr
{
    internal const int Size = 28;
    internal const int IPv4Size = 16;

    internal ushort Family;
    internal fixed byte Rest[26];
}
