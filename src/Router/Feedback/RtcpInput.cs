using Sfu.Media;
using Sfu.Media.Buffers;
using Sfu.Media.Rtcp;
using Sfu.Media.Time;
using Sfu.Router.Pipes;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;

namespace Sfu.Router.Feedback;

/// <summary>Where incoming RTCP ends: nothing of it is passed on (docs/rtcp.md has the fate of each type).</summary>
/// <remarks>Owned by its room; no allocation. Everything in it is a claim of one client and can change only what that client sends or
/// is sent: BYE ends no track, reports and estimates are clamped (docs/threats.md T15).</remarks>
internal sealed class RtcpInput(RoomContext context, PacedRepairs repairs)
{
    /// <summary>Takes one plain compound.</summary>
    internal void OnCompound(MediaTime now, RoutedTransport from, ReadOnlySpan<byte> compound)
    {
        DropReason reason = RtcpReader.Open(compound, out RtcpReader reader);
        if (reason != DropReason.None)
        {
            context.Counters.Drop(reason);
            return;
        }

        while (reader.MoveNext(out RtcpPacket packet))
        {
            reason = OnPacket(now, from, packet);
            if (reason != DropReason.None) context.Counters.Drop(reason);
        }
    }

    private DropReason OnPacket(MediaTime now, RoutedTransport from, in RtcpPacket packet) => packet.Kind switch
    {
        RtcpKind.SenderReport => OnSenderReport(now, from, packet),
        RtcpKind.ReceiverReport => OnReceiverReport(now, from, packet),
        RtcpKind.Nack => OnNack(now, from, packet),
        RtcpKind.PictureLoss => OnPictureLoss(now, from, packet),
        RtcpKind.FullIntraRequest => OnFullIntraRequest(now, from, packet),
        _ => DropReason.None,
    };

    private DropReason OnSenderReport(MediaTime now, RoutedTransport from, in RtcpPacket packet)
    {
        DropReason reason = SenderReport.TryParse(packet, out SenderReport report);
        if (reason != DropReason.None) return reason;
        if (from.Ssrcs.TryFind(report.Ssrc, out SsrcBinding binding) && !binding.IsRtx)
        {
            RtpStream stream = binding.Stream;
            stream.Statistics.OnSenderReport(now, report.Ntp);
            stream.Clock.OnSenderReport(report.Ntp, report.Timestamp);
            if (report.Ntp.Value != 0) from.Clock.OnReport(context.WallClock.ToUnixNanoseconds(now), report.Ntp.ToUnixNanoseconds());
            foreach (IPacketTap tap in stream.Producer.Taps) tap.OnSenderReport(now, report.Ssrc, packet.Bytes);
            foreach (PipeOutlet outlet in stream.Producer.Outlets) outlet.Note(stream);
        }

        OnBlocks(now, from, report.Blocks);
        return DropReason.None;
    }

    private DropReason OnReceiverReport(MediaTime now, RoutedTransport from, in RtcpPacket packet)
    {
        DropReason reason = ReceiverReport.TryParse(packet, out ReceiverReport report);
        if (reason == DropReason.None) OnBlocks(now, from, report.Blocks);
        return reason;
    }

    private void OnBlocks(MediaTime now, RoutedTransport from, in ReportBlockList blocks)
    {
        NtpTime ntp = context.WallClock.ToNtp(now);
        for (int i = 0; i < blocks.Count; i++)
        {
            ReportBlock block = blocks[i];
            if (from.FindConsumer(block.Ssrc) is not { } consumer) continue;
            from.RoundTrip.OnReport(ntp, block);
            consumer.OnReport(block);
        }
    }

    private DropReason OnNack(MediaTime now, RoutedTransport from, in RtcpPacket packet)
    {
        DropReason reason = NackFeedback.TryParse(packet, out NackFeedback nack);
        if (reason != DropReason.None) return reason;
        if (from.FindConsumer(nack.MediaSsrc) is { Repair: not null } consumer) repairs.OnNack(now, consumer, nack);
        return DropReason.None;
    }

    private static DropReason OnPictureLoss(MediaTime now, RoutedTransport from, in RtcpPacket packet)
    {
        DropReason reason = PictureLossIndication.TryParse(packet, out PictureLossIndication indication);
        if (reason == DropReason.None) from.FindConsumer(indication.MediaSsrc)?.OnKeyFrameRequest(now);
        return reason;
    }

    /// <summary>FIR names its streams in its entries; a repeated command is the same request and counts like one.</summary>
    private static DropReason OnFullIntraRequest(MediaTime now, RoutedTransport from, in RtcpPacket packet)
    {
        DropReason reason = FullIntraRequest.TryParse(packet, out FullIntraRequest request);
        if (reason != DropReason.None) return reason;
        for (int i = 0; i < request.Count; i++) from.FindConsumer(request[i].Ssrc)?.OnKeyFrameRequest(now);
        return DropReason.None;
    }
}
