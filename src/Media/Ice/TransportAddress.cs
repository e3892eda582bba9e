using System.Buffers.Binary;
using System.Net;

namespace Sfu.Media.Ice;

/// <summary>Transport protocol of a candidate pair.</summary>
public enum TransportProtocol : byte
{
    /// <summary>UDP.</summary>
    Udp = 0,

    /// <summary>TCP with RFC 4571 framing (ICE-TCP passive, RFC 6544).</summary>
    Tcp = 1,
}

/// <summary>A remote transport address: IPv6 (IPv4 in its mapped form, so both have one form), port, protocol and, for TCP, the connection.</summary>
/// <remarks>A plain value of the packet path: equality is by content, no allocation.</remarks>
/// <param name="High">First 8 address bytes, network order read as big endian.</param>
/// <param name="Low">Last 8 address bytes.</param>
/// <param name="Port">Port in host order.</param>
/// <param name="Protocol">UDP or TCP.</param>
/// <param name="Connection">The worker's number of a TCP connection; 0 for UDP.</param>
public readonly record struct TransportAddress(ulong High, ulong Low, ushort Port, TransportProtocol Protocol = TransportProtocol.Udp, int Connection = 0)
{
    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000;

    /// <summary>True for an IPv4 address in mapped form.</summary>
    public bool IsIPv4 => High == 0 && (Low & 0xFFFF_FFFF_0000_0000) == MappedPrefix;

    /// <summary>Makes a value from the 16 address bytes of an IPv6 (or IPv4-mapped) address.</summary>
    public static TransportAddress FromIPv6Bytes(ReadOnlySpan<byte> address, ushort port, TransportProtocol protocol = TransportProtocol.Udp, int connection = 0) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(address), BinaryPrimitives.ReadUInt64BigEndian(address[8..]), port, protocol, connection);

    /// <summary>Makes a value from an IPv4 address in host order.</summary>
    public static TransportAddress FromIPv4(uint address, ushort port, TransportProtocol protocol = TransportProtocol.Udp, int connection = 0) =>
        new(0, MappedPrefix | address, port, protocol, connection);

    /// <summary>Makes a value from a framework end point; not for the packet path.</summary>
    public static TransportAddress From(IPEndPoint endPoint, TransportProtocol protocol = TransportProtocol.Udp, int connection = 0)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        Span<byte> bytes = stackalloc byte[16];
        endPoint.Address.MapToIPv6().TryWriteBytes(bytes, out _);
        return FromIPv6Bytes(bytes, (ushort)endPoint.Port, protocol, connection);
    }

    /// <summary>Writes the 16 address bytes.</summary>
    public void WriteIPv6Bytes(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    /// <summary>The framework's form; not for the packet path.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteIPv6Bytes(bytes);
        var address = new IPAddress(bytes);
        return new IPEndPoint(IsIPv4 ? address.MapToIPv4() : address, Port);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(Protocol == TransportProtocol.Udp ? "udp" : "tcp")}:{ToEndPoint()}";
}
