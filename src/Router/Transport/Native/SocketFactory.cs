using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sfu.Media.Ice;

namespace Sfu.Router.Transport.Native;

/// <summary>Opens the worker's sockets: dual-stack where the host has IPv6, so that IPv4 peers appear in mapped form; plain IPv4 where it has
/// none, and for an IPv4 address.</summary>
internal static unsafe class SocketFactory
{
    /// <summary>Opens and binds a non-blocking UDP socket.</summary>
    /// <param name="address">Local address; <see cref="IPAddress.IPv6Any"/> serves both families.</param>
    /// <param name="port">Local port, or 0 for any.</param>
    /// <param name="family">The socket's family, for <see cref="SocketAddresses"/>.</param>
    /// <param name="shares">Other sockets of this user that say the same may have the port too (SO_REUSEPORT).</param>
    /// <exception cref="IOException">The address or port cannot be bound.</exception>
    internal static FileDescriptor OpenUdp(IPAddress address, int port, out int family, bool shares = false) =>
        Open(LibCConstants.SockDgram, address, port, out family, shares);

    /// <summary>Opens a non-blocking TCP socket that listens.</summary>
    /// <exception cref="IOException">The address or port cannot be bound.</exception>
    internal static FileDescriptor OpenTcpListener(IPAddress address, int port, int backlog, out int family)
    {
        FileDescriptor socket = Open(LibCConstants.SockStream, address, port, out family);
        if (LibC.Listen(socket, backlog) >= 0) return socket;
        IOException error = NativeErrors.Last("listen");
        socket.Dispose();
        throw error;
    }

    /// <summary>Sets an integer option; false when the kernel refuses.</summary>
    internal static bool TrySet(FileDescriptor socket, int level, int name, int value) =>
        LibC.SetSockOpt(socket, level, name, &value, sizeof(int)) == 0;

    /// <summary>Reads an integer option; -1 when the kernel refuses.</summary>
    internal static int Get(FileDescriptor socket, int level, int name)
    {
        int value;
        uint length = sizeof(int);
        return LibC.GetSockOpt(socket, level, name, &value, &length) == 0 ? value : -1;
    }

    /// <summary>Asks for a kernel buffer of <paramref name="bytes"/>: beyond the system's limit when privileged, else up to it.</summary>
    /// <returns>The size the kernel grants, in bytes of payload.</returns>
    internal static int SetBuffer(FileDescriptor socket, bool receive, int bytes)
    {
        int force = receive ? LibCConstants.SoReceiveBufferForce : LibCConstants.SoSendBufferForce;
        int plain = receive ? LibCConstants.SoReceiveBuffer : LibCConstants.SoSendBuffer;
        if (!TrySet(socket, LibCConstants.SolSocket, force, bytes)) _ = TrySet(socket, LibCConstants.SolSocket, plain, bytes);
        return Get(socket, LibCConstants.SolSocket, plain) / 2;      // the kernel doubles the value for its own bookkeeping
    }

    private static FileDescriptor Open(int type, IPAddress address, int port, out int family, bool shares = false)
    {
        // What is bound to one IPv4 address serves no other family, and each datagram then goes past the IPv6 code.
        family = address.AddressFamily == AddressFamily.InterNetwork ? LibCConstants.AfInet : LibCConstants.AfInet6;
        FileDescriptor? socket = TryOpen(type, address, port, family, shares, out int error);
        bool noIPv6 = error is Errno.AfNoSupport or Errno.AddrNotAvail;      // not built in, or switched off by sysctl
        if (socket is null && family == LibCConstants.AfInet6 && noIPv6 && CanServeByIPv4(address))
        {
            family = LibCConstants.AfInet;
            socket = TryOpen(type, address, port, family, shares, out error);
        }

        if (socket is not null) return socket;
        var local = new IPEndPoint(address, port);
        throw new IOException($"Cannot open a socket on {local}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}).", error);
    }

    private static FileDescriptor? TryOpen(int type, IPAddress address, int port, int family, bool shares, out int error)
    {
        error = 0;
        var socket = new FileDescriptor(LibC.Socket(family, type | LibCConstants.SockNonBlock | LibCConstants.SockCloseOnExec, 0));
        if (!socket.IsInvalid && Prepare(socket, type, family, shares) && TryBind(socket, address, port, family)) return socket;
        error = Marshal.GetLastSystemError();
        socket.Dispose();
        return null;
    }

    private static bool Prepare(FileDescriptor socket, int type, int family, bool shares) =>
        (!shares || TrySet(socket, LibCConstants.SolSocket, LibCConstants.SoReusePort, 1)) &&
        (type != LibCConstants.SockStream || TrySet(socket, LibCConstants.SolSocket, LibCConstants.SoReuseAddr, 1)) &&
        (family != LibCConstants.AfInet6 || TrySet(socket, LibCConstants.IpProtoIPv6, LibCConstants.IPv6Only, 0));

    private static bool TryBind(FileDescriptor socket, IPAddress address, int port, int family)
    {
        IPAddress local = family == LibCConstants.AfInet && address.Equals(IPAddress.IPv6Any) ? IPAddress.Any : address;
        SockAddr native;
        uint length = SocketAddresses.Write((byte*)&native, TransportAddress.From(new IPEndPoint(local, port)), family);
        return LibC.Bind(socket, &native, length) == 0;
    }

    private static bool CanServeByIPv4(IPAddress address) => address.Equals(IPAddress.IPv6Any) || address.IsIPv4MappedToIPv6;
}
