using System.Buffers.Binary;
using Sfu.Media.Rtp;

namespace Sfu.Media.Rtcp;

/// <summary>Walks the packet statuses of a transport-cc feedback in place (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).</summary>
/// <remarks>All bounds are checked by <see cref="TryParse"/> at a cost per chunk, not per status. Up to 65,535 statuses fit into
/// 50 bytes: who walks them may stop at what it cannot know any more.</remarks>
public ref struct TransportCcFeedback
{
    /// <summary>Ticks of 250 us in one unit (64 ms) of the reference time.</summary>
    public const int TicksPerReference = 256;

    internal const int FixedSize = 16;
    internal const int MaxRun = 0x1FFF;
    internal const int OneBitSymbols = 14;
    internal const int TwoBitSymbols = 7;
    internal const int NotReceived = 0;
    internal const int SmallDelta = 1;
    internal const int LargeDelta = 2;

    private ReadOnlySpan<byte> _chunks;
    private ReadOnlySpan<byte> _deltas;
    private SequenceNumber _next;
    private long _arrival;
    private int _left;
    private ushort _chunk;
    private int _inChunk;

    private TransportCcFeedback(ReadOnlySpan<byte> body, int deltasAt)
    {
        SenderSsrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(body));
        MediaSsrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(body[4..]));
        _next = BaseSequence = new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(body[8..]));
        _left = StatusCount = BinaryPrimitives.ReadUInt16BigEndian(body[10..]);
        ReferenceTime = BinaryPrimitives.ReadInt32BigEndian(body[12..]) >> 8; // 24 bits, signed
        FeedbackCount = body[15];
        _arrival = (long)ReferenceTime * TicksPerReference;
        _chunks = body[FixedSize..deltasAt];
        _deltas = body[deltasAt..];
    }

    /// <summary>Reads a packet of kind <see cref="RtcpKind.TransportCc"/>: chunks must cover the status count, deltas must all be
    /// there, and a reserved symbol is malformed.</summary>
    public static DropReason TryParse(scoped in RtcpPacket packet, out TransportCcFeedback feedback)
    {
        feedback = default;
        if (packet.Kind != RtcpKind.TransportCc) return DropReason.Malformed;
        ReadOnlySpan<byte> body = packet.Body;
        if (body.Length < FixedSize + 2) return DropReason.Truncated;
        int left = BinaryPrimitives.ReadUInt16BigEndian(body[10..]);
        if (left == 0) return DropReason.Malformed;
        int at = FixedSize;
        long deltaBytes = 0;
        for (; left > 0; at += 2)
        {
            if (at + 2 > body.Length) return DropReason.Truncated;
            ushort chunk = BinaryPrimitives.ReadUInt16BigEndian(body[at..]);
            int symbols = Math.Min(SymbolsOf(chunk), left);
            int size = DeltaBytesOf(chunk, symbols);
            if (symbols == 0 || size < 0) return DropReason.Malformed;
            deltaBytes += size;
            left -= symbols;
        }
        if (at + deltaBytes > body.Length) return DropReason.Truncated;
        feedback = new TransportCcFeedback(body, at);
        return DropReason.None;
    }

    /// <summary>Who received.</summary>
    public Ssrc SenderSsrc { get; }

    /// <summary>Any stream of the transport; without meaning.</summary>
    public Ssrc MediaSsrc { get; }

    /// <summary>Transport-wide sequence number of the first status.</summary>
    public SequenceNumber BaseSequence { get; }

    /// <summary>Number of statuses, 1 to 65,535.</summary>
    public int StatusCount { get; }

    /// <summary>Where the deltas start on the receiver's clock, in 64 ms, 24 bits signed: wraps after 12.4 days.</summary>
    public int ReferenceTime { get; }

    /// <summary>Number of this feedback, modulo 256.</summary>
    public byte FeedbackCount { get; }

    /// <summary>Goes to the next status.</summary>
    public bool MoveNext(out TransportCcStatus status)
    {
        status = default;
        if (_left == 0) return false;
        if (_inChunk == 0)
        {
            _chunk = BinaryPrimitives.ReadUInt16BigEndian(_chunks);
            _chunks = _chunks[2..];
            _inChunk = SymbolsOf(_chunk);
        }
        int symbol = SymbolAt(_chunk, SymbolsOf(_chunk) - _inChunk);
        _inChunk--;
        _left--;
        SequenceNumber sequenceNumber = _next;
        _next = _next.Next;
        if (symbol == NotReceived)
        {
            status = new TransportCcStatus(sequenceNumber, false, 0, 0);
            return true;
        }
        int delta = symbol == SmallDelta ? _deltas[0] : BinaryPrimitives.ReadInt16BigEndian(_deltas);
        _deltas = _deltas[symbol..];                                         // a symbol is the size of its delta
        _arrival += delta;
        status = new TransportCcStatus(sequenceNumber, true, delta, _arrival);
        return true;
    }

    private static int SymbolsOf(ushort chunk) => (chunk & 0x8000) == 0 ? chunk & MaxRun : (chunk & 0x4000) == 0 ? OneBitSymbols : TwoBitSymbols;

    private static int SymbolAt(ushort chunk, int index) =>
        (chunk & 0x8000) == 0 ? chunk >> 13
        : (chunk & 0x4000) == 0 ? (chunk >> (13 - index)) & 1
        : (chunk >> (12 - 2 * index)) & 3;

    /// <returns>Bytes of delta that the first symbols of a chunk have, or -1 for a reserved symbol.</returns>
    private static int DeltaBytesOf(ushort chunk, int symbols)
    {
        if ((chunk & 0x8000) == 0) return chunk >> 13 == 3 ? -1 : (chunk >> 13) * symbols;
        int bytes = 0;
        for (int i = 0; i < symbols; i++)
        {
            int symbol = SymbolAt(chunk, i);
            if (symbol == 3) return -1;
            bytes += symbol;
        }
        return bytes;
    }
}
