using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Consumers;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;

namespace Sfu.Router.Feedback;

/// <summary>Makes the RTCP that goes to one transport: reports about what it sends and is sent, NACKs, key frame requests,
/// transport-cc feedback, REMB (docs/rtcp.md).</summary>
/// <remarks>Owned by its room; no allocation. Feedback is reduced-size (RFC 5506), reports are compounds with a CNAME.</remarks>
internal sealed class TransportReports(RoomContext context)
{
    /// <summary>Between two reports to one transport.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>From a viewer's first packet to its first sender report.</summary>
    internal static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);

    private const int MaxCompound = 1200;
    private const int SenderReportSize = 28;
    private const int MaxNumbersPerNack = 128;
    private static readonly TimeSpan StreamTimeout = TimeSpan.FromSeconds(8);

    // Who we are in reports and feedback about what we receive; no packet of ours has it (libwebrtc does the same when it only receives).
    private static readonly Ssrc Receiver = new(1);

    private byte _fullIntraCommand;

    /// <summary>Sends what is due to a connected transport.</summary>
    internal void SendDue(MediaTime now, RoutedTransport transport)
    {
        if (transport.TransportCc.NextDeadline <= now) SendTransportCc(now, transport);
        if (transport.NextReport > now) return;
        transport.NextReport = now + Interval;
        transport.Measure(now);
        SendReceiverReports(now, transport);
        SendSenderReports(now, transport);
        SendRemb(transport);
    }

    /// <summary>Asks for what a stream misses.</summary>
    internal void SendNacks(MediaTime now, RtpStream stream, NackGenerator nack)
    {
        RoutedTransport transport = stream.Producer.Transport;
        Span<SequenceNumber> numbers = stackalloc SequenceNumber[MaxNumbersPerNack];
        int count = nack.Poll(now, transport.RoundTrip.OrGuess, numbers);
        if (count == 0 || !transport.IsConnected) return;
        Span<byte> datagram = stackalloc byte[MaxCompound];
        var writer = new RtcpWriter(datagram);
        if (!writer.WriteNack(Receiver, stream.Ssrc, numbers[..count], out int taken)) return;
        context.Counters.NacksSent += taken;               // 128 numbers always fit
        transport.SendRtcp(writer.Written);
    }

    /// <summary>Asks for a key frame: PLI, or FIR where the client takes nothing else.</summary>
    internal void SendKeyFrameRequest(RtpStream stream)
    {
        RoutedTransport transport = stream.Producer.Transport;
        if (!transport.IsConnected) return;
        Span<byte> datagram = stackalloc byte[64];
        var writer = new RtcpWriter(datagram);
        CodecFeedback feedback = stream.Producer.Parameters.Codecs.Count > 0 ? stream.Producer.Parameters.Codecs[0].Feedback : CodecFeedback.None;
        if ((feedback & CodecFeedback.Fir) != 0 && (feedback & CodecFeedback.Pli) == 0)
            writer.WriteFullIntraRequest(Receiver, [new FirEntry(stream.Ssrc, _fullIntraCommand++)]);
        else writer.WritePictureLoss(Receiver, stream.Ssrc);
        transport.SendRtcp(writer.Written);
    }

    /// <summary>Tells a viewer that a stream ends.</summary>
    internal static void SendGoodbye(Consumer consumer)
    {
        Span<byte> datagram = stackalloc byte[64];
        var writer = new RtcpWriter(datagram);
        if (consumer.Parameters.RtxSsrc is { } rtx) writer.WriteGoodbye([consumer.Parameters.Ssrc, rtx]);
        else writer.WriteGoodbye([consumer.Parameters.Ssrc]);
        consumer.Transport.SendRtcp(writer.Written);
    }

    private static void SendTransportCc(MediaTime now, RoutedTransport transport)
    {
        Span<byte> datagram = stackalloc byte[MaxCompound];
        TransportMediaSsrc(transport, out Ssrc media);
        while (transport.TransportCc.TryBegin(now, out SequenceNumber first, out ReadOnlySpan<long> arrivals, out byte count))
        {
            var writer = new RtcpWriter(datagram);
            writer.WriteTransportCc(Receiver, media, first, arrivals, count, out int taken);
            transport.TransportCc.Commit(now, taken);
            if (taken == 0) return;
            transport.SendRtcp(writer.Written);
        }
    }

    private static void TransportMediaSsrc(RoutedTransport transport, out Ssrc ssrc)
    {
        ssrc = default;
        foreach (Producer producer in transport.Producers)
            foreach (RtpStream? stream in producer.Streams)
                if (stream is not null) ssrc = stream.Ssrc;
    }

    private static void SendReceiverReports(MediaTime now, RoutedTransport transport)
    {
        Span<byte> datagram = stackalloc byte[MaxCompound];
        Span<ReportBlock> blocks = stackalloc ReportBlock[RtcpWriter.MaxBlocks];
        int count = 0;
        foreach (Producer producer in transport.Producers)
        {
            foreach (RtpStream? stream in producer.Streams)
            {
                if (stream is null || !stream.Statistics.Started || now - stream.Activity.LastPacketAt > StreamTimeout) continue;
                blocks[count++] = stream.Statistics.TakeReport(now, stream.Ssrc);
                if (count < blocks.Length) continue;
                Send(transport, datagram, blocks);
                count = 0;
            }
        }

        if (count > 0) Send(transport, datagram, blocks[..count]);
    }

    private static void Send(RoutedTransport transport, Span<byte> datagram, ReadOnlySpan<ReportBlock> blocks)
    {
        var writer = new RtcpWriter(datagram);
        writer.WriteReceiverReport(Receiver, blocks);
        writer.WriteSourceDescription(Receiver, "sfu"u8);
        transport.SendRtcp(writer.Written);
    }

    private void SendSenderReports(MediaTime now, RoutedTransport transport)
    {
        Span<byte> datagram = stackalloc byte[MaxCompound];
        var writer = new RtcpWriter(datagram);
        long time = context.WallClock.ToUnixNanoseconds(now);
        NtpTime ntp = NtpTime.FromUnixNanoseconds(time);
        foreach (Consumer consumer in transport.Consumers)
        {
            if (consumer.PacketCount == 0 || consumer.Source is null) continue;
            if (writer.Length + SenderReportSize + consumer.Cname.Length + 16 > MaxCompound)
            {
                transport.SendRtcp(writer.Written);
                writer = new RtcpWriter(datagram);
            }

            writer.WriteSenderReport(
                consumer.Parameters.Ssrc, ntp, consumer.TimestampAt(time), (uint)consumer.PacketCount, (uint)consumer.OctetCount, default);
            writer.WriteSourceDescription(consumer.Parameters.Ssrc, consumer.Cname);
        }

        if (writer.Length > 0) transport.SendRtcp(writer.Written);
    }

    /// <summary>A client without transport-cc is told what it may send at all: its own loss control brings it down from there; without
    /// any REMB aiortc stays at its first 500 kbps.</summary>
    private void SendRemb(RoutedTransport transport)
    {
        Span<Ssrc> ssrcs = stackalloc Ssrc[SsrcTable.Capacity];
        int count = 0, tracks = 0;
        foreach (Producer producer in transport.Producers)
        {
            if (!NeedsRemb(producer)) continue;
            tracks++;
            foreach (RtpStream? stream in producer.Streams)
                if (stream is not null && count < ssrcs.Length) ssrcs[count++] = stream.Ssrc;
        }

        if (count == 0) return;
        Span<byte> datagram = stackalloc byte[MaxCompound];
        var writer = new RtcpWriter(datagram);
        var rate = new Bitrate(Math.Min(tracks * context.Ingress.PerTrack.BitsPerSecond, context.Ingress.PerParticipant.BitsPerSecond));
        writer.WriteRemb(Receiver, rate, ssrcs[..count]);
        transport.SendRtcp(writer.Written);
    }

    private static bool NeedsRemb(Producer producer)
    {
        if (producer.Kind != MediaKind.Video || producer.Parameters.Codecs.Count == 0) return false;
        CodecFeedback feedback = producer.Parameters.Codecs[0].Feedback;
        bool hasTransportCc = (feedback & CodecFeedback.TransportCc) != 0
            && producer.Parameters.Extensions.IdOf(HeaderExtensionKind.TransportCc) != 0;
        return (feedback & CodecFeedback.Remb) != 0 && !hasTransportCc;
    }
}
