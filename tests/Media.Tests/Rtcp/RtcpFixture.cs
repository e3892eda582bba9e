using Sfu.Media.Rtcp;

namespace Sfu.Media.Tests.Rtcp;

/// <summary>Opens a datagram that holds one packet.</summary>
internal static class RtcpFixture
{
    public static RtcpPacket Only(ReadOnlySpan<byte> datagram)
    {
        Assert.Equal(DropReason.None, RtcpReader.Open(datagram, out RtcpReader reader));
        Assert.True(reader.MoveNext(out RtcpPacket packet));
        Assert.False(reader.MoveNext(out _));
        return packet;
    }

    /// <summary>What the typed reader of the packet's kind says; <see cref="DropReason.None"/> for packets that are not read.</summary>
    public static DropReason ReadWhole(in RtcpPacket packet)
    {
        DropReason reason;
        switch (packet.Kind)
        {
            case RtcpKind.SenderReport:
                reason = SenderReport.TryParse(packet, out SenderReport sender);
                for (int i = 0; reason == DropReason.None && i < sender.Blocks.Count; i++) _ = sender.Blocks[i];
                return reason;
            case RtcpKind.ReceiverReport:
                reason = ReceiverReport.TryParse(packet, out ReceiverReport receiver);
                for (int i = 0; reason == DropReason.None && i < receiver.Blocks.Count; i++) _ = receiver.Blocks[i];
                return reason;
            case RtcpKind.SourceDescription:
                reason = SourceDescription.TryParse(packet, out SourceDescription description);
                while (reason == DropReason.None && description.MoveNext(out SdesChunk chunk)) chunk.TryGet(SdesItemType.Mid, out _);
                return reason;
            case RtcpKind.Goodbye:
                reason = Goodbye.TryParse(packet, out Goodbye goodbye);
                for (int i = 0; reason == DropReason.None && i < goodbye.Sources.Count; i++) _ = goodbye.Sources[i];
                return reason;
            case RtcpKind.Nack:
                reason = NackFeedback.TryParse(packet, out NackFeedback nack);
                while (reason == DropReason.None && nack.MoveNext(out _)) { }
                return reason;
            case RtcpKind.PictureLoss:
                return PictureLossIndication.TryParse(packet, out _);
            case RtcpKind.FullIntraRequest:
                reason = FullIntraRequest.TryParse(packet, out FullIntraRequest request);
                for (int i = 0; reason == DropReason.None && i < request.Count; i++) _ = request[i];
                return reason;
            case RtcpKind.Remb:
                reason = RembFeedback.TryParse(packet, out RembFeedback remb);
                for (int i = 0; reason == DropReason.None && i < remb.Sources.Count; i++) _ = remb.Sources[i];
                return reason;
            case RtcpKind.TransportCc:
                reason = TransportCcFeedback.TryParse(packet, out TransportCcFeedback feedback);
                while (reason == DropReason.None && feedback.MoveNext(out _)) { }
                return reason;
            default:
                return DropReason.None;
        }
    }
}
