using System.Runtime.InteropServices;

namespace Sfu.Router.Transport.Native;

/// <summary>The C library's sockets, epoll and eventfd. Every function returns -1 and sets errno on failure unless noted.</summary>
/// <remarks>Pointers are native memory of the caller that stays put for the call. errno is read with
/// <see cref="Marshal.GetLastSystemError"/> right after the call.</remarks>
internal static unsafe partial class LibC
{
    private const string Library = "libc.so.6";            // the soname these signatures describe

    [LibraryImport(Library, EntryPoint = "socket")]
    internal static partial int Socket(int domain, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "bind")]
    internal static partial int Bind(FileDescriptor socket, SockAddr* address, uint length);

    [LibraryImport(Library, EntryPoint = "connect")]
    internal static partial int Connect(FileDescriptor socket, SockAddr* address, uint length);

    [LibraryImport(Library, EntryPoint = "listen")]
    internal static partial int Listen(FileDescriptor socket, int backlog);

    [LibraryImport(Library, EntryPoint = "accept4")]
    internal static partial int Accept4(FileDescriptor socket, SockAddr* address, uint* length, int flags);

    [LibraryImport(Library, EntryPoint = "getsockname")]
    internal static partial int GetSockName(FileDescriptor socket, SockAddr* address, uint* length);

    [LibraryImport(Library, EntryPoint = "setsockopt")]
    internal static partial int SetSockOpt(FileDescriptor socket, int level, int name, int* value, uint length);

    [LibraryImport(Library, EntryPoint = "getsockopt")]
    internal static partial int GetSockOpt(FileDescriptor socket, int level, int name, int* value, uint* length);

    [LibraryImport(Library, EntryPoint = "recvmmsg")]
    internal static partial int ReceiveMany(FileDescriptor socket, MMsgHdr* messages, uint count, int flags, TimeSpec* timeout);

    [LibraryImport(Library, EntryPoint = "sendmmsg")]
    internal static partial int SendMany(FileDescriptor socket, MMsgHdr* messages, uint count, int flags);

    /// <returns>Bytes sent.</returns>
    [LibraryImport(Library, EntryPoint = "sendmsg")]
    internal static partial nint SendMessage(FileDescriptor socket, MsgHdr* message, int flags);

    /// <returns>Bytes received; 0 when the other side closed.</returns>
    [LibraryImport(Library, EntryPoint = "recv")]
    internal static partial nint Receive(FileDescriptor socket, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "epoll_create1")]
    internal static partial int EpollCreate(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl")]
    internal static partial int EpollControl(FileDescriptor epoll, int operation, int descriptor, byte* epollEvent);

    /// <returns>Number of ready descriptors.</returns>
    [LibraryImport(Library, EntryPoint = "epoll_wait")]
    internal static partial int EpollWait(FileDescriptor epoll, byte* events, int maxEvents, int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "eventfd")]
    internal static partial int EventFd(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "read")]
    internal static partial nint Read(FileDescriptor descriptor, void* buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "write")]
    internal static partial nint Write(FileDescriptor descriptor, void* buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "nanosleep")]
    internal static partial int NanoSleep(TimeSpec* span, TimeSpec* remaining);

    [LibraryImport(Library, EntryPoint = "clock_gettime")]
    internal static partial int ClockGetTime(int clock, TimeSpec* time);
}
