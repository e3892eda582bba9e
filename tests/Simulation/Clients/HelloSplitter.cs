using System.Buffers.Binary;

namespace Sfu.Simulation.Clients;

/// <summary>Cuts a ClientHello into two handshake fragments in datagrams of their own (RFC 6347 section 4.2.3) and renumbers the
/// client's plain records, so that their record numbers stay unique.</summary>
internal sealed class HelloSplitter
{
    private const int RecordHeader = 13;
    private const int HandshakeHeader = 12;
    private const byte Handshake = 22;
    private const byte ClientHello = 1;

    private ulong _nextRecord;

    /// <summary>What leaves instead of one DTLS datagram of the client.</summary>
    internal IEnumerable<byte[]> Split(byte[] datagram)
    {
        bool isPlain = BinaryPrimitives.ReadUInt16BigEndian(datagram.AsSpan(3)) == 0;
        if (!isPlain) return [datagram];
        if (datagram[0] != Handshake || datagram[RecordHeader] != ClientHello) return [Renumber(datagram)];
        ReadOnlySpan<byte> message = datagram.AsSpan(RecordHeader + HandshakeHeader);
        int half = message.Length / 2;
        return [Fragment(datagram, 0, message[..half]), Fragment(datagram, half, message[half..])];
    }

    private byte[] Fragment(byte[] original, int offset, ReadOnlySpan<byte> part)
    {
        var fragment = new byte[RecordHeader + HandshakeHeader + part.Length];
        original.AsSpan(0, RecordHeader + HandshakeHeader).CopyTo(fragment);
        WriteRecordNumber(fragment);
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(11), (ushort)(HandshakeHeader + part.Length));
        WriteUInt24(fragment.AsSpan(RecordHeader + 6), offset);
        WriteUInt24(fragment.AsSpan(RecordHeader + 9), part.Length);
        part.CopyTo(fragment.AsSpan(RecordHeader + HandshakeHeader));
        return fragment;
    }

    /// <summary>Gives every plain record of a flight the next number; what is encrypted authenticates its own and stays.</summary>
    private byte[] Renumber(byte[] datagram)
    {
        byte[] renumbered = [.. datagram];
        for (int at = 0; at + RecordHeader <= renumbered.Length;)
        {
            Span<byte> record = renumbered.AsSpan(at);
            if (BinaryPrimitives.ReadUInt16BigEndian(record[3..]) == 0) WriteRecordNumber(record);
            at += RecordHeader + BinaryPrimitives.ReadUInt16BigEndian(record[11..]);
        }

        return renumbered;
    }

    private void WriteRecordNumber(Span<byte> record)
    {
        BinaryPrimitives.WriteUInt16BigEndian(record[5..], (ushort)(_nextRecord >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(record[7..], (uint)_nextRecord++);
    }

    private static void WriteUInt24(Span<byte> destination, int value)
    {
        destination[0] = (byte)(value >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)value);
    }
}
