using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;

namespace Sfu.Router.Consumers;

/// <summary>Answers one viewer's NACKs for one consumer from the producer's ring: by RTX, or without it by the identical packet.</summary>
/// <remarks>Owned by the consumer. Bounded by the history (three times a packet, once a round trip) and by the transport's budget
/// (docs/threats.md T14).</remarks>
internal sealed unsafe class ConsumerRepair
{
    private const int AudioPackets = 128;
    private const int VideoPackets = 256;
    private const int MaxVideoPackets = 1024;
    private const int MaxPrefix = 16;

    private readonly Consumer _consumer;
    private readonly Ssrc? _rtx;

    /// <summary>Makes a repair without history.</summary>
    internal ConsumerRepair(Consumer consumer, ulong seed)
    {
        _consumer = consumer;
        _rtx = consumer.Parameters.RtxSsrc;
        History = new RetransmissionHistory(consumer.Producer.Kind == MediaKind.Audio ? AudioPackets : VideoPackets);
        if (_rtx is { } rtx) NextRtxIndex = consumer.Transport.FirstIndex(rtx, FirstNumbers.Sequence(FirstNumbers.Derive(seed, 3)));
    }

    /// <summary>What was sent.</summary>
    internal RetransmissionHistory History { get; }

    /// <summary>Index of the next RTX packet.</summary>
    internal ulong NextRtxIndex { get; private set; }

    /// <summary>Remembers a packet that is being sent.</summary>
    internal void OnSent(
        ulong index, in IncomingPacket packet, RtpTimestamp timestamp, in WrittenNumbers numbers, bool hasMid, ReadOnlySpan<byte> own) =>
        History.Add(index, Remember(packet, timestamp, numbers, hasMid, _rtx is null ? CheckOf(own) : 0));

    /// <summary>What is remembered of a packet.</summary>
    internal static SentPacket Remember(
        in IncomingPacket packet, RtpTimestamp timestamp, in WrittenNumbers numbers, bool hasMid, uint check) => new(
        (uint)packet.Index, timestamp, numbers.PictureId, numbers.Tl0PicIdx, numbers.KeyIdx, (byte)packet.Stream.Encoding, hasMid, check);

    /// <summary>A check over the bytes of a packet that are its receiver's own.</summary>
    internal static uint CheckOf(ReadOnlySpan<byte> own)
    {
        uint check = (uint)own.Length;
        for (; own.Length >= sizeof(ulong); own = own[sizeof(ulong)..]) check = BitOperations.Crc32C(check, BinaryPrimitives.ReadUInt64LittleEndian(own));
        foreach (byte one in own) check = BitOperations.Crc32C(check, one);
        return check;
    }

    /// <summary>Remembers more when a second had more packets than it remembers.</summary>
    /// <returns>True when its places are elsewhere now.</returns>
    internal bool TryFit(long packetsPerSecond)
    {
        if (packetsPerSecond <= History.Capacity || _consumer.Producer.Kind == MediaKind.Audio || History.Capacity >= MaxVideoPackets) return false;
        while (packetsPerSecond > History.Capacity && History.Capacity < MaxVideoPackets) History.Grow();
        return true;
    }

    /// <summary>Forgets all: the ring it would read from is gone.</summary>
    internal void Forget() => History.Clear();

    /// <summary>Notes that a packet is to be sent again as soon as there is room on the viewer's link.</summary>
    /// <returns>False when it may not be, or waits already.</returns>
    internal bool TryWait(MediaTime now, SequenceNumber number) =>
        History.TryWait(now, number, _consumer.NextIndex - 1, _consumer.Transport.RoundTrip.Value) == ResendVerdict.Resend;

    /// <summary>A packet that waited is not sent again.</summary>
    internal void StopWaiting(SequenceNumber number) => History.StopWaiting(number, _consumer.NextIndex - 1);

    /// <summary>Sends a packet again, if it may be.</summary>
    /// <returns>Bytes sent; 0 for none.</returns>
    internal int Resend(MediaTime now, SequenceNumber number)
    {
        RoutedTransport transport = _consumer.Transport;
        ulong highest = _consumer.NextIndex - 1;
        if (History.TryResend(now, number, highest, transport.RoundTrip.Value, out ulong index, out SentPacket sent) != ResendVerdict.Resend) return 0;
        ReadOnlySpan<RtpStream?> streams = _consumer.Producer.Streams;
        if (sent.Source >= streams.Length || streams[sent.Source] is not { } stream) return 0;
        if (!stream.Ring.TryGet(stream.Expand(sent.SourceSequence), out RingPacket ring)) return 0;
        if (!IncomingPacket.TryRead(stream, ring, out IncomingPacket packet) || _consumer.Format(packet.Header.PayloadType) is not { } viewer) return 0;
        if (!_consumer.TryTakeRepair(ring.Length)) return 0;
        int bytes = _rtx is { } rtx ? SendRtx(now, packet, viewer, sent, index, rtx) : SendSame(packet, viewer, sent, index);
        if (bytes > 0) stream.Ring.Pin(ring);
        return bytes;
    }

    /// <summary>RFC 4588: the payload behind its sequence number, on a stream of its own.</summary>
    [SkipLocalsInit]
    private int SendRtx(MediaTime now, in IncomingPacket packet, CodecFormat viewer, in SentPacket sent, ulong index, Ssrc rtx)
    {
        if (viewer.RtxPayloadType is not { } payloadType) return 0;
        Span<byte> own = stackalloc byte[HeaderForm.MaxLength + RtxPacket.OriginalSequenceNumberSize + MaxPrefix];
        ulong rtxIndex = NextRtxIndex++;
        var fields = new HeaderFields(packet.Header.Marker, payloadType, new SequenceNumber((ushort)rtxIndex), sent.Timestamp, rtx);
        int header = _consumer.Lane->Form.Write(own, now, fields, packet.Ring.Bytes, packet.Extensions, default, out int transportCcAt);
        BinaryPrimitives.WriteUInt16BigEndian(own[header..], (ushort)index);
        int end = header + RtxPacket.OriginalSequenceNumberSize;
        (int at, int length) = Consumer.PayloadFor(packet, viewer);
        int prefix = Consumer.CopyPrefix(packet, NumbersOf(sent), own[end..]);
        return Hand(own[..(end + prefix)], header, transportCcAt, packet.Ring.Data + at + prefix, length - prefix, rtx, rtxIndex);
    }

    /// <summary>The very packet once more: same SSRC, same index, same bytes, or none: what stood in the header then may be written
    /// otherwise since, and one (key, SSRC, index) protects one byte string only (RFC 7714 section 9.1).</summary>
    [SkipLocalsInit]
    private int SendSame(in IncomingPacket packet, CodecFormat viewer, in SentPacket sent, ulong index)
    {
        Span<byte> own = stackalloc byte[Consumer.OwnLength];
        Ssrc ssrc = _consumer.Parameters.Ssrc;
        var fields = new HeaderFields(packet.Header.Marker, viewer.PayloadType, new SequenceNumber((ushort)index), sent.Timestamp, ssrc);
        int header = _consumer.WriteHeader(own, packet, fields, sent.HasMid, out _);
        (int at, int length) = Consumer.PayloadFor(packet, viewer);
        int prefix = Consumer.CopyPrefix(packet, NumbersOf(sent), own[header..]);
        own = own[..(header + prefix)];
        return CheckOf(own) == sent.Check ? Hand(own, header, 0, packet.Ring.Data + at + prefix, length - prefix, ssrc, index) : 0;
    }

    private static WrittenNumbers NumbersOf(in SentPacket sent) => new(sent.PictureId, sent.Tl0PicIdx, sent.KeyIdx);

    private int Hand(ReadOnlySpan<byte> own, int headerLength, int transportCcAt, byte* payload, int payloadLength, Ssrc ssrc, ulong index)
    {
        _consumer.Transport.SendRtp(new OutgoingRtp
        {
            Own = own,
            HeaderLength = headerLength,
            TransportCcAt = transportCcAt,
            Payload = payload,
            PayloadLength = payloadLength,
            Ssrc = ssrc,
            Index = index,
            Kind = _consumer.Producer.Kind,
        });
        return own.Length + payloadLength;
    }
}
