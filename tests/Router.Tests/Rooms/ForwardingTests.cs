using Sfu.Media;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Rooms;

public sealed class ForwardingTests : IDisposable
{
    private const uint SenderVideo = 0x1111, SenderRtx = 0x1112, SenderAudio = 0x2222;
    private static readonly Ssrc ViewerVideo = new(0x9001), ViewerRtx = new(0x9002), ViewerAudio = new(0x9003);

    private readonly TestRoom _room = new();
    private readonly TestTransport _sender, _viewer;
    private readonly RtpMaker _video = new(SenderVideo, TestRoom.Vp8Type, "v");
    private readonly RtpMaker _audio = new(SenderAudio, TestRoom.OpusType, "a");

    public ForwardingTests()
    {
        _sender = _room.Join();
        _viewer = _room.Join();
    }

    public void Dispose() => _room.Dispose();

    [Fact]
    public void OnRtp_Audio_ReachesViewerWithItsOwnHeader()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(ViewerAudio.Value));
        _audio.AudioLevel = 0x85;
        _sender.Send(_audio.Next([0x78, 1, 2, 3]));

        SentRtp sent = Assert.Single(_viewer.Output.Rtp);
        Assert.Equal(ViewerAudio, sent.Header.Ssrc);
        Assert.Equal(TestRoom.ViewerOpusType, sent.Header.PayloadType);
        Assert.Equal([0x78, 1, 2, 3], sent.Payload.ToArray());
        Dictionary<byte, byte[]> extensions = Extensions(sent);
        Assert.Equal<byte>([7, 5, 6], extensions.Keys);            // transport-cc, MID, audio level; nothing of the publisher's
        Assert.Equal("8"u8.ToArray(), extensions[5]);
        Assert.Equal([0x85], extensions[6]);
        Assert.Equal([0, 0], sent.Bytes[sent.TransportCcAt..(sent.TransportCcAt + 2)]);
        Assert.InRange(sent.Index, 2UL, 0x7FFFUL);
        Assert.Empty(_sender.Output.Rtp);
    }

    [Fact]
    public void OnRtp_VideoBeforeKeyFrame_AsksForOneAndForwardsNothing()
    {
        ProducerId producer = _room.PublishVideo(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.VideoConsumer(ViewerVideo.Value, ViewerRtx.Value));
        _sender.Send(_video.Next(Vp8Maker.Payload(10, 1), marker: true));

        Assert.Empty(_viewer.Output.Rtp);
        Assert.Equal(1, _sender.Output.Count(RtcpKind.PictureLoss));
    }

    [Fact]
    public void OnRtp_KeyFrame_StartsTheViewer()
    {
        ProducerId producer = _room.PublishVideo(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.VideoConsumer(ViewerVideo.Value, ViewerRtx.Value));
        byte[] key = Vp8Maker.Payload(10, 1, isKey: true), delta = Vp8Maker.Payload(11, 2);
        _sender.Send(_video.Next(key, marker: true));
        _video.Timestamp += 3000;
        _sender.Send(_video.Next(delta, marker: true));

        Assert.Equal(2, _viewer.Output.Rtp.Count);
        Assert.Equal(key, _viewer.Output.Rtp[0].Payload.ToArray());
        Assert.Equal(delta, _viewer.Output.Rtp[1].Payload.ToArray());
        Assert.Equal(_viewer.Output.Rtp[0].Index + 1, _viewer.Output.Rtp[1].Index);
        Assert.Equal(3000, _viewer.Output.Rtp[1].Header.Timestamp.DistanceFrom(_viewer.Output.Rtp[0].Header.Timestamp));
        Assert.All(_viewer.Output.Rtp, sent => Assert.True(sent.Header.Marker));
    }

    [Fact]
    public void OnConnected_ConsumerAddedBefore_AsksForKeyFrame()
    {
        ProducerId producer = _room.PublishVideo(_sender);
        _sender.Send(_video.Next(Vp8Maker.Payload(10, 1, isKey: true), marker: true));
        _room.Advance(600);                                    // too old to be shown to somebody new
        TestTransport late = _room.Join(connected: false);
        _room.Subscribe(late, producer, TestRoom.VideoConsumer(ViewerVideo.Value, null));
        Assert.Equal(0, _sender.Output.Count(RtcpKind.PictureLoss));

        _room.Router.OnConnected(_room.Now, late.Routed);

        Assert.Equal(1, _sender.Output.Count(RtcpKind.PictureLoss));
    }

    [Fact]
    public void OnRtp_FirstPacketOfKeyFrameLate_SendsWhatCameBefore()
    {
        ProducerId producer = _room.PublishVideo(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.VideoConsumer(ViewerVideo.Value, ViewerRtx.Value));
        byte[] first = _video.Next(Vp8Maker.Payload(10, 1, isKey: true));
        byte[] second = _video.Next(Vp8Maker.Payload(10, 1, isKey: true, isStart: false));
        byte[] third = _video.Next(Vp8Maker.Payload(10, 1, isKey: true, isStart: false), marker: true);
        _sender.SendDeferred(second);
        _sender.SendDeferred(third);
        _sender.SendDeferred(first);
        _room.EndTurn();

        Assert.Equal([0, 1, 2], _viewer.Output.Rtp.Select(sent => (int)(sent.Index - _viewer.Output.Rtp[0].Index)));
        Assert.True(_viewer.Output.Rtp[2].Header.Marker);
    }

    [Fact]
    public void OnRtp_PaddingOnly_LeavesNoHole()
    {
        ProducerId producer = _room.PublishVideo(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.VideoConsumer(ViewerVideo.Value, ViewerRtx.Value));
        _sender.Send(_video.Next(Vp8Maker.Payload(10, 1, isKey: true), marker: true));
        _sender.Send(_video.Next([], padding: 200));
        _sender.Send(_video.Next(Vp8Maker.Payload(11, 2), marker: true));

        Assert.Equal(2, _viewer.Output.Rtp.Count);
        Assert.Equal(_viewer.Output.Rtp[0].Index + 1, _viewer.Output.Rtp[1].Index);
    }

    [Fact]
    public void OnRtp_Red_GivesOpusViewerThePrimaryBlock()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(ViewerAudio.Value));
        var red = new RtpMaker(SenderAudio, TestRoom.RedType, "a");
        _sender.Send(red.Next([0x80 | TestRoom.OpusType, 0x0F, 0, 2, TestRoom.OpusType, 0xA1, 0xA2, 0x78, 7, 8, 9]));

        SentRtp sent = Assert.Single(_viewer.Output.Rtp);
        Assert.Equal(TestRoom.ViewerOpusType, sent.Header.PayloadType);
        Assert.Equal([0x78, 7, 8, 9], sent.Payload.ToArray());
    }

    [Fact]
    public void OnRtp_RtxOfLostPacket_IsForwardedInItsPlace()
    {
        ProducerId producer = _room.PublishVideo(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.VideoConsumer(ViewerVideo.Value, ViewerRtx.Value));
        _sender.Send(_video.Next(Vp8Maker.Payload(10, 1, isKey: true), marker: true));
        byte[] lost = Vp8Maker.Payload(11, 2, fill: 0x77);
        ushort lostNumber = _video.Sequence++;
        _video.Timestamp += 3000;
        _sender.Send(_video.Next(Vp8Maker.Payload(12, 3), marker: true));
        var rtx = new RtpMaker(SenderRtx, TestRoom.Vp8RtxType, "v") { Timestamp = _video.Timestamp - 1500 };
        _sender.Send(rtx.Repair(lostNumber, lost, marker: true));

        Assert.Equal([0, 2, 1], _viewer.Output.Rtp.Select(sent => (int)(sent.Index - _viewer.Output.Rtp[0].Index)));
        Assert.Equal(lost, _viewer.Output.Rtp[2].Payload.ToArray());
        _sender.Send(rtx.Repair(lostNumber, lost, marker: true));
        Assert.Equal(3, _viewer.Output.Rtp.Count);
        Assert.Equal(1, _room.Counters.Dropped[(int)DropReason.Duplicate]);
    }

    [Fact]
    public void OnRtp_RtxProbeWithoutPayload_IsAcknowledgedAndDropped()
    {
        _room.PublishVideo(_sender);
        _sender.Send(_video.Next(Vp8Maker.Payload(10, 1, isKey: true), marker: true));
        var rtx = new RtpMaker(SenderRtx, TestRoom.Vp8RtxType, "v") { TransportCc = 101 };
        _sender.Send(rtx.Next([], padding: 100));
        Assert.Equal(1, _room.Counters.Dropped[(int)DropReason.RtxWithoutOriginal]);

        _room.Advance(250);

        Assert.Equal(2, AcknowledgedByTransportCc());
    }

    [Fact]
    public void OnRtp_UnknownSsrcWithoutMid_IsLearntByPayloadType()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        _room.PublishVideo(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(ViewerAudio.Value));
        _sender.Send(new RtpMaker(SenderAudio, TestRoom.OpusType).Next([0x78, 1]));

        Assert.Single(_viewer.Output.Rtp);
    }

    [Fact]
    public void OnRtp_MidOfNoProducer_IsDropped()
    {
        _room.PublishAudio(_sender);
        _sender.Send(new RtpMaker(SenderAudio, TestRoom.OpusType, "x").Next([0x78, 1]));

        Assert.Equal(1, _room.Counters.Dropped[(int)DropReason.UnknownSsrc]);
    }

    [Fact]
    public void OnRtp_SixtyFiveSsrcs_LastIsDropped()
    {
        _room.PublishAudio(_sender);
        for (uint ssrc = 1; ssrc <= 65; ssrc++) _sender.Send(new RtpMaker(ssrc, TestRoom.OpusType, "a").Next([0x78, 1]));

        Assert.Equal(0, _room.Counters.Dropped[(int)DropReason.UnknownSsrc]);
        Assert.Equal(65, _room.Counters.PacketsReceived[0] + _room.Counters.Dropped[(int)DropReason.TooManySsrcs]);
    }

    [Fact]
    public void OnRtcp_FirstReceiverReport_EndsMid()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(ViewerAudio.Value));
        _sender.Send(_audio.Next([0x78, 1]));
        _viewer.SendRtcp((ref RtcpWriter writer) =>
            writer.WriteReceiverReport(new Ssrc(77), [new ReportBlock(ViewerAudio, 0, 0, 1, 0, 0, 0)]));
        _sender.Send(_audio.Next([0x78, 1]));

        Assert.Contains((byte)5, Extensions(_viewer.Output.Rtp[0]).Keys);
        Assert.DoesNotContain((byte)5, Extensions(_viewer.Output.Rtp[1]).Keys);
    }

    [Fact]
    public void OnRtp_VideoWithoutRtxButNack_HasNoTransportCcNumber()
    {
        ProducerId producer = _room.PublishVideo(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.VideoConsumer(ViewerVideo.Value, null));
        _sender.Send(_video.Next(Vp8Maker.Payload(10, 1, isKey: true), marker: true));

        SentRtp sent = Assert.Single(_viewer.Output.Rtp);
        Assert.Equal(0, sent.TransportCcAt);
        Assert.DoesNotContain((byte)7, Extensions(sent).Keys);
    }

    [Fact]
    public void SenderReport_TwoTracksOfOneSender_MapTheSameInstant()
    {
        ProducerId video = _room.PublishVideo(_sender), audio = _room.PublishAudio(_sender);
        _room.Subscribe(_viewer, video, TestRoom.VideoConsumer(ViewerVideo.Value, ViewerRtx.Value));
        _room.Subscribe(_viewer, audio, TestRoom.AudioConsumer(ViewerAudio.Value));
        _sender.Send(_audio.Next([0x78, 1]));
        _sender.Send(_video.Next(Vp8Maker.Payload(10, 1, isKey: true), marker: true));
        // The sender's clock is an hour ahead of ours; both reports were made 40 ms ago and took 40 ms.
        Media.Time.NtpTime ntp = Media.Time.NtpTime.FromUnixNanoseconds(
            TestRoom.AnchorUnixNanoseconds + _room.Now.Nanoseconds + 3_600_000_000_000 - 40_000_000);
        _sender.SendRtcp((ref RtcpWriter writer) =>
        {
            writer.WriteSenderReport(new Ssrc(SenderVideo), ntp, new RtpTimestamp(_video.Timestamp), 1, 1, default);
            writer.WriteSenderReport(new Ssrc(SenderAudio), ntp, new RtpTimestamp(_audio.Timestamp), 1, 1, default);
        });
        _room.Advance(1000);

        (long videoTime, uint videoStamp, string videoName) = LastReport(ViewerVideo);
        (long audioTime, uint audioStamp, string audioName) = LastReport(ViewerAudio);
        Assert.Equal(videoName, audioName);
        double videoElapsed = (videoStamp - _viewer.Output.On(ViewerVideo)[0].Header.Timestamp.Value) / 90_000.0;
        double audioElapsed = (audioStamp - _viewer.Output.On(ViewerAudio)[0].Header.Timestamp.Value) / 48_000.0;
        Assert.Equal(videoElapsed - videoTime / 1e9, audioElapsed - audioTime / 1e9, 3);
    }

    [Fact]
    public void RemoveConsumer_WithSamePackets_SaysGoodbyeAndItsSsrcGoesOn()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        ConsumerId first = _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(ViewerAudio.Value));
        _sender.Send(_audio.Next([0x78, 1]));
        Assert.True(_room.Execute(new RemoveConsumer(first)));
        Assert.Equal(1, _viewer.Output.Count(RtcpKind.Goodbye));
        _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(ViewerAudio.Value));
        _sender.Send(_audio.Next([0x78, 1]));

        Assert.Equal(_viewer.Output.Rtp[0].Index + 1, _viewer.Output.Rtp[1].Index);
    }

    private static Dictionary<byte, byte[]> Extensions(SentRtp sent)
    {
        var found = new Dictionary<byte, byte[]>();
        var reader = new HeaderExtensionReader(sent.Bytes, sent.Header);
        while (reader.MoveNext(out byte id, out ReadOnlySpan<byte> value)) found.Add(id, value.ToArray());
        return found;
    }

    private (long UnixNanoseconds, uint Timestamp, string Cname) LastReport(Ssrc ssrc)
    {
        (long, uint, string) last = default;
        foreach (byte[] compound in _viewer.Output.Rtcp)
        {
            RtcpReader.Open(compound, out RtcpReader reader);
            while (reader.MoveNext(out RtcpPacket packet))
            {
                if (packet.Kind == RtcpKind.SenderReport && SenderReport.TryParse(packet, out SenderReport report) == DropReason.None && report.Ssrc == ssrc)
                    last = (report.Ntp.ToUnixNanoseconds() - TestRoom.AnchorUnixNanoseconds, report.Timestamp.Value, "");
                if (packet.Kind == RtcpKind.SourceDescription && SourceDescription.TryParse(packet, out SourceDescription description) == DropReason.None)
                    while (description.MoveNext(out SdesChunk chunk))
                        if (chunk.Ssrc == ssrc && chunk.TryGet(SdesItemType.Cname, out ReadOnlySpan<byte> name))
                            last.Item3 = System.Text.Encoding.UTF8.GetString(name);
            }
        }

        return last;
    }

    private int AcknowledgedByTransportCc()
    {
        int received = 0;
        foreach (byte[] compound in _sender.Output.Rtcp)
        {
            RtcpReader.Open(compound, out RtcpReader reader);
            while (reader.MoveNext(out RtcpPacket packet))
                if (TransportCcFeedback.TryParse(packet, out TransportCcFeedback feedback) == DropReason.None)
                    while (feedback.MoveNext(out TransportCcStatus status))
                        if (status.IsReceived) received++;
        }

        return received;
    }
}
