using System.Buffers.Binary;
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
    private const int AudioHeaders = 128;
    private const int VideoHeaders = 1024;
    private const int MaxPrefix = 16;

    private readonly Consumer _consumer;
    private readonly HeaderComposer _headers;
    private readonly RetransmissionHistory _history = new();
    private readonly SentHeaders? _sentHeaders;
    private readonly Ssrc? _rtx;

    /// <summary>Makes a repair without history.</summary>
    internal ConsumerRepair(Consumer consumer, HeaderComposer headers, ulong seed)
    {
        _consumer = consumer;
        _headers = headers;
        _rtx = consumer.Parameters.RtxSsrc;
        if (_rtx is { } rtx) NextRtxIndex = consumer.Transport.FirstIndex(rtx, FirstNumbers.Sequence(FirstNumbers.Derive(seed, 3)));
        else _sentHeaders = new SentHeaders(consumer.Producer.Kind == MediaKind.Audio ? AudioHeaders : VideoHeaders);
    }

    /// <summary>Index of the next RTX packet.</summary>
    internal ulong NextRtxIndex { get; private set; }

    /// <summary>Remembers a packet that is being sent.</summary>
    internal void OnSent(
        ulong index, in IncomingPacket packet, RtpTimestamp timestamp, in WrittenNumbers numbers, ReadOnlySpan<byte> own, int headerLength)
    {
        var sent = new SentPacket(
            (uint)packet.Index, timestamp, numbers.PictureId, numbers.Tl0PicIdx, numbers.KeyIdx, (byte)packet.Stream.Encoding);
        if (_history.Add(index, sent)) _sentHeaders?.Add(index, own, headerLength);
    }

    /// <summary>Forgets all: the ring it would read from is gone.</summary>
    internal void Forget() => _history.Clear();

    /// <summary>Sends a packet again, if it may be.</summary>
    /// <returns>Bytes sent; 0 for none.</returns>
    internal int Resend(MediaTime now, SequenceNumber number)
    {
        RoutedTransport transport = _consumer.Transport;
        if (_history.TryResend(now, number, transport.RoundTrip.Value, out ulong index, out SentPacket sent) != ResendVerdict.Resend) return 0;
        ReadOnlySpan<RtpStream?> streams = _consumer.Producer.Streams;
        if (sent.Source >= streams.Length || streams[sent.Source] is not { } stream) return 0;
        if (!stream.Ring.TryGet(stream.Expand(sent.SourceSequence), out RingPacket ring)) return 0;
        if (!IncomingPacket.TryRead(stream, ring, out IncomingPacket packet) || _consumer.Format(packet.Header.PayloadType) is not { } viewer) return 0;
        if (!transport.Retransmissions.TryTake(ring.Length)) return 0;
        int bytes = _rtx is { } rtx ? SendRtx(now, packet, viewer, sent, index, rtx) : SendSame(packet, viewer, index);
        if (bytes > 0) stream.Ring.Pin(ring);
        return bytes;
    }

    /// <summary>RFC 4588: the payload behind its sequence number, on a stream of its own.</summary>
    [SkipLocalsInit]
    private int SendRtx(MediaTime now, in IncomingPacket packet, CodecFormat viewer, in SentPacket sent, ulong index, Ssrc rtx)
    {
        if (viewer.RtxPayloadType is not { } payloadType) return 0;
        Span<byte> own = stackalloc byte[HeaderComposer.MaxLength + RtxPacket.OriginalSequenceNumberSize + MaxPrefix];
        ulong rtxIndex = NextRtxIndex++;
        var fields = new HeaderFields(packet.Header.Marker, payloadType, new SequenceNumber((ushort)rtxIndex), sent.Timestamp, rtx);
        int header = _headers.Write(own, now, fields, packet.Ring.Bytes, packet.Extensions, withMid: false, out int transportCcAt);
        BinaryPrimitives.WriteUInt16BigEndian(own[header..], (ushort)index);
        int end = header + RtxPacket.OriginalSequenceNumberSize;
        (int at, int length) = Consumer.PayloadFor(packet, viewer);
        int prefix = Consumer.CopyPrefix(packet, new WrittenNumbers(sent.PictureId, sent.Tl0PicIdx, sent.KeyIdx), own[end..]);
        return Hand(own[..(end + prefix)], header, transportCcAt, packet.Ring.Data + at + prefix, length - prefix, rtx, rtxIndex);
    }

    /// <summary>The very packet once more: same SSRC, same index, same bytes.</summary>
    private int SendSame(in IncomingPacket packet, CodecFormat viewer, ulong index)
    {
        if (!_sentHeaders!.TryGet(index, out ReadOnlySpan<byte> own, out int header)) return 0;
        (int at, int length) = Consumer.PayloadFor(packet, viewer);
        int prefix = own.Length - header;
        return Hand(own, header, 0, packet.Ring.Data + at + prefix, length - prefix, _consumer.Parameters.Ssrc, index);
    }

    private int Hand(ReadOnlySpan<byte> own, int headerLength, int transportCcAt, byte* payload, int payloadLength, Ssrc ssrc, ulong index)
    {
        _consumer.Transport.Output.SendRtp(new OutgoingRtp
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
