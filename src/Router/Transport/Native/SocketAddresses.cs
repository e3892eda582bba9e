using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Sfu.Media.Ice;

namespace Sfu.Router.Transport.Native;

/// <summary>Between <see cref="TransportAddress"/> and the kernel's sockaddr_in6, or sockaddr_in of an IPv4 socket.</summary>
internal static unsafe class SocketAddresses
{
    private const int PortAt = 2;
    private const int IPv4AddressAt = 4;
    private const int IPv6AddressAt = 8;

    /// <summary>Writes the kernel's form of an address.</summary>
    /// <param name="destination"><see cref="SockAddr.Size"/> bytes.</param>
    /// <param name="address">Where to send; on an IPv4-only socket it must be an IPv4 address.</param>
    /// <param name="family">The socket's family.</param>
    /// <returns>Length of the kernel's form in bytes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Write(byte* destination, in TransportAddress address, int family)
    {
        Unsafe.WriteUnaligned(destination, (ushort)family);
        Unsafe.WriteUnaligned(destination + PortAt, BinaryPrimitives.ReverseEndianness(address.Port));
        if (family == LibCConstants.AfInet)
        {
            Unsafe.WriteUnaligned(destination + IPv4AddressAt, BinaryPrimitives.ReverseEndianness((uint)address.Low));
            Unsafe.WriteUnaligned(destination + IPv6AddressAt, 0UL);
            return SockAddr.IPv4Size;
        }

        Unsafe.WriteUnaligned(destination + IPv4AddressAt, 0u);      // flow information
        Unsafe.WriteUnaligned(destination + IPv6AddressAt, BinaryPrimitives.ReverseEndianness(address.High));
        Unsafe.WriteUnaligned(destination + IPv6AddressAt + 8, BinaryPrimitives.ReverseEndianness(address.Low));
        Unsafe.WriteUnaligned(destination + IPv6AddressAt + 16, 0u); // scope: link-local clients are not served
        return SockAddr.Size;
    }

    /// <summary>Reads the kernel's form of an address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TransportAddress Read(byte* source, TransportProtocol protocol = TransportProtocol.Udp, int connection = 0)
    {
        ushort port = BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(source + PortAt));
        return Unsafe.ReadUnaligned<ushort>(source) == LibCConstants.AfInet
            ? TransportAddress.FromIPv4(BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<uint>(source + IPv4AddressAt)), port, protocol, connection)
            : new TransportAddress(
                BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(source + IPv6AddressAt)),
                BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(source + IPv6AddressAt + 8)),
                port, protocol, connection);
    }

    /// <summary>The address a socket is bound to.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    internal static TransportAddress Local(FileDescriptor socket)
    {
        SockAddr address = default;
        uint length = SockAddr.Size;
        NativeErrors.ThrowIfFailed(LibC.GetSockName(socket, &address, &length), "getsockname");
        return Read((byte*)&address);
    }
}
