using System.Buffers.Binary;

namespace Sfu.Media.Dtls;

/// <summary>Cuts a datagram into DTLS 1.2 records and lets only those through that cannot hurt OpenSSL (RFC 6347 section 4.1).</summary>
/// <remarks>Measured with OpenSSL 3.0: a protected record that is shorter than nonce and tag of GCM is a fatal error to it, although
/// nobody authenticated it; from then on it reads nothing. And a record of another version is skipped by its head only, so that its
/// body is read as records. One forged datagram of 15 bytes would end a connection either way.</remarks>
internal static class DtlsRecord
{
    /// <summary>Type, version, epoch, sequence number and length.</summary>
    internal const int HeaderSize = 13;

    internal const byte Handshake = 22;

    /// <summary>DTLS 1.2 as it is written on the wire.</summary>
    internal const ushort Version12 = 0xFEFD;

    private const byte ChangeCipherSpec = 20;
    private const byte ApplicationData = 23;
    private const byte ClientHello = 1;
    private const ushort Version10 = 0xFEFF;           // what clients write before they know better
    private const int MinProtected = 8 + 16;           // explicit nonce and tag (RFC 5288 section 3): all our cipher suites are GCM

    /// <summary>Takes the next record.</summary>
    /// <param name="rest">What is left of the datagram; the record is cut off.</param>
    /// <param name="isVersionKnown">The version was agreed on: nothing else than 1.2 may come any more.</param>
    /// <param name="record">The record with its header.</param>
    /// <returns>Why the record and what stands behind it are not for OpenSSL, or none.</returns>
    internal static DropReason Take(ref ReadOnlySpan<byte> rest, bool isVersionKnown, out ReadOnlySpan<byte> record)
    {
        record = default;
        if (rest.Length < HeaderSize) return DropReason.Truncated;
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest[11..]);
        if (HeaderSize + length > rest.Length) return DropReason.Truncated;
        int epoch = BinaryPrimitives.ReadUInt16BigEndian(rest[3..]);
        ushort version = BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
        bool isRightVersion = version == Version12 || version == Version10 && epoch == 0 && !isVersionKnown;
        if (rest[0] is < ChangeCipherSpec or > ApplicationData || !isRightVersion || epoch > 1) return DropReason.Malformed;
        if (length < (epoch == 0 ? 1 : MinProtected)) return DropReason.Malformed;
        record = rest[..(HeaderSize + length)];
        rest = rest[(HeaderSize + length)..];
        return DropReason.None;
    }

    /// <summary>True for a record that the connection's keys protect.</summary>
    internal static bool IsProtected(ReadOnlySpan<byte> record) => record.Length >= DtlsAlerts.HeadLength && (record[3] | record[4]) != 0;

    /// <summary>True when what begins here is a ClientHello, or a piece of one.</summary>
    internal static bool IsClientHello(ReadOnlySpan<byte> record) =>
        record.Length > HeaderSize && record[0] == Handshake && record[3] == 0 && record[4] == 0 && record[HeaderSize] == ClientHello;
}
