using Sfu.Media;
using Sfu.Media.Buffers;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Pipes;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Pipes;

/// <summary>A room over two workers: what a viewer on the edge sees is what one beside the publisher sees.</summary>
public sealed partial class PipedRoomTests : IDisposable
{
    private const uint Audio = 0x9001, Video = 0x9101, VideoRtx = 0x9102;

    private readonly PipedCall _call = new(atOrigin: 2, atEdge: 3);
    private readonly RtpMaker _audio = new(0x2222, TestRoom.OpusType, "a");
    private readonly RtpMaker _video = new(0x1111, TestRoom.Vp8Type, "v");
    private ushort _picture;

    private PipedClient Sender => _call.Origin.Clients[0];

    private PipedClient Beside => _call.Origin.Clients[1];

    private List<PipedClient> Viewers => _call.Edge.Clients;

    public void Dispose() => _call.Dispose();

    [Fact]
    public void OnNack_AtTheEdge_IsAnsweredThereFromItsOwnRing()
    {
        PipeChannel channel = Connect(TestRoom.Video("v"));
        Watch(Viewers[0], channel);
        SendFrame(isKey: true);
        SendFrames(5);
        int nacks = Sender.Count(RtcpKind.Nack);
        List<ReceivedRtp> got = Viewers[0].On(Video);
        SequenceNumber missed = got[3].Header.SequenceNumber;
        _call.SendRtcp(Viewers[0], (ref RtcpWriter writer) => writer.WriteNack(new Ssrc(1), new Ssrc(Video), [missed], out _));

        ReceivedRtp again = Assert.Single(Viewers[0].On(VideoRtx));
        Assert.Equal(missed.Value, (again.Payload[0] << 8) | again.Payload[1]);
        Assert.True(again.Payload[2..].SequenceEqual(got[3].Payload));
        Assert.Equal(nacks, Sender.Count(RtcpKind.Nack));  // the publisher is not troubled
        Assert.Equal(1, _call.Edge.Core.Counters.Retransmissions);
        Assert.Equal(0, _call.Origin.Core.Counters.NacksReceived);
    }

    [Fact]
    public void OnRtp_LostOnTheWayInAndRepaired_ReachesTheEdgeLate()
    {
        PipeChannel channel = Connect(TestRoom.Video("v"));
        Watch(Viewers[0], channel);
        Watch(Beside, channel, _call.Origin);
        SendFrame(isKey: true);
        byte[] lost = NextFrame(isKey: false);             // never sent by itself
        SendFrames(3);
        Assert.True(Sender.Count(RtcpKind.Nack) > 0);      // the origin asked; the edge asks nobody
        ushort number = (ushort)((lost[2] << 8) | lost[3]);
        Assert.Equal(DropReason.None, RtpHeader.Parse(lost, out RtpHeader header));
        var rtx = new RtpMaker(0x1112, TestRoom.Vp8RtxType, "v") { RepairedRid = null, Timestamp = header.Timestamp.Value };
        _call.Send(Sender, rtx.Repair(number, lost.AsSpan(header.PayloadAt), marker: true));

        foreach (PipedClient viewer in (PipedClient[])[Viewers[0], Beside])
        {
            List<ReceivedRtp> got = viewer.On(Video);
            Assert.Equal(5, got.Count);
            Assert.Equal(1, got[4].Header.SequenceNumber.DistanceFrom(got[0].Header.SequenceNumber));    // late, in its place
        }
    }

    [Fact]
    public void OnPacket_OnlyPadding_LeavesNoHoleAtTheEdge()
    {
        PipeChannel channel = Connect(TestRoom.Video("v"));
        Watch(Viewers[0], channel);
        SendFrame(isKey: true);
        _call.Send(Sender, _video.Next([], padding: 50));
        SendFrames(2);

        List<ReceivedRtp> got = Viewers[0].On(Video);
        Assert.Equal(3, got.Count);
        for (int i = 1; i < got.Count; i++) Assert.Equal(1, got[i].Header.SequenceNumber.DistanceFrom(got[i - 1].Header.SequenceNumber));
    }

    [Fact]
    public void OnKeyFrameRequest_OfManyViewersAtTheEdge_BecomesOnePli()
    {
        PipeChannel channel = Connect(TestRoom.Video("v"));
        foreach (PipedClient viewer in Viewers) Watch(viewer, channel);
        SendFrame(isKey: true);
        SendFrames(40);
        int before = Sender.Count(RtcpKind.PictureLoss);
        foreach (PipedClient viewer in Viewers)
            _call.SendRtcp(viewer, (ref RtcpWriter writer) => writer.WritePictureLoss(new Ssrc(1), new Ssrc(Video)));

        Assert.Equal(before + 1, Sender.Count(RtcpKind.PictureLoss));
        Assert.Equal(1, _call.Origin.Requests.OfType<RequestPipedKeyFrame>().Count(request => request.Channel == channel) - 1);  // one was the first viewer's
        SendFrame(isKey: true);
        Assert.All(Viewers, viewer => Assert.Equal(42, viewer.On(Video).Count));
    }

    [Fact]
    public void Begin_SecondViewerAtTheEdgeRightAfterAKeyFrame_IsServedThereWithoutAPli()
    {
        PipeChannel channel = Connect(TestRoom.Video("v"));
        Watch(Viewers[0], channel);
        SendFrame(isKey: true);
        SendFrames(3);
        int before = Sender.Count(RtcpKind.PictureLoss);
        long crossed = _call.Origin.Core.Counters.PipePacketsOut[1];
        Watch(Viewers[1], channel);

        Assert.Equal(4, Viewers[1].On(Video).Count);       // the key frame and what followed, from the edge's ring
        Assert.Equal(before, Sender.Count(RtcpKind.PictureLoss));
        Assert.Equal(crossed, _call.Origin.Core.Counters.PipePacketsOut[1]);
    }

    [Fact]
    public void Begin_FirstViewerAtTheEdgeRightAfterAKeyFrame_IsServedFromTheOriginsRing()
    {
        PipeChannel channel = Connect(TestRoom.Video("v"));
        Watch(Beside, channel, _call.Origin);
        SendFrame(isKey: true);
        SendFrames(3);
        int before = Sender.Count(RtcpKind.PictureLoss);
        Watch(Viewers[0], channel);
        SendFrames(2);

        Assert.Equal(before, Sender.Count(RtcpKind.PictureLoss));
        List<ReceivedRtp> got = Viewers[0].On(Video);
        Assert.Equal(6, got.Count);
        for (int i = 1; i < got.Count; i++) Assert.Equal(1, got[i].Header.SequenceNumber.DistanceFrom(got[i - 1].Header.SequenceNumber));
    }

    [Fact]
    public void SetProducerMuted_AtTheOrigin_StopsTheEdgeAndTellsItsViewers()
    {
        PipeChannel channel = Connect(TestRoom.Audio("a"));
        ConsumerId consumer = _call.Subscribe(_call.Edge, Viewers[0], channel.Edge, TestRoom.AudioConsumer(Audio));
        SendAudio(5);
        _call.Origin.Execute(new SetProducerMuted(channel.Origin, Muted: true));
        SendAudio(5);
        Assert.Equal(5, Viewers[0].On(Audio).Count);
        Assert.Equal(5, _call.Origin.Core.Counters.PipePacketsOut[0]);
        _call.Origin.Execute(new SetProducerMuted(channel.Origin, Muted: false));
        SendAudio(5);

        List<ReceivedRtp> got = Viewers[0].On(Audio);
        Assert.Equal(10, got.Count);
        Assert.Equal(1, got[5].Header.SequenceNumber.DistanceFrom(got[4].Header.SequenceNumber));
        Assert.Equal(
            [(false, ConsumerLayerReason.Preference), (true, ConsumerLayerReason.Muted), (false, ConsumerLayerReason.Preference)],
            _call.Edge.Events.OfType<ConsumerLayerChanged>().Where(change => change.Consumer == consumer).Select(change => (change.Paused, change.Reason)));
    }

    [Fact]
    public void AddConsumer_AtTheEdgeOfAMutedTrack_IsToldSo()
    {
        ProducerParameters parameters = TestRoom.Audio("a");
        ProducerId producer = _call.Publish(Sender, parameters);
        _call.Origin.Execute(new SetProducerMuted(producer, Muted: true));
        PipeChannel channel = _call.Connect(Sender, producer, parameters);
        _call.Subscribe(_call.Edge, Viewers[0], channel.Edge, TestRoom.AudioConsumer(Audio));
        SendAudio(3);

        Assert.Empty(Viewers[0].On(Audio));
        ConsumerLayerChanged change = Assert.Single(_call.Edge.Events.OfType<ConsumerLayerChanged>());
        Assert.Equal((true, ConsumerLayerReason.Muted), (change.Paused, change.Reason));
    }

    [Fact]
    public void OnRtp_LeaseRunsOutOrTheTapIsFull_NothingOfItReachesTheEdge()
    {
        var lease = new RecorderLease();
        var tap = new KeepingTap();
        lease.Renew(MediaTime.Never);
        ProducerParameters parameters = TestRoom.Video("v");
        ProducerId producer = _call.Publish(Sender, parameters, lease, tap);
        PipeChannel channel = _call.Connect(Sender, producer, parameters);
        ConsumerId first = Watch(Viewers[0], channel);
        SendFrame(isKey: true);
        SendFrames(5);
        Assert.Equal(6, Viewers[0].On(Video).Count);

        long crossed = _call.Origin.Core.Counters.PipePacketsOut[1];
        lease.Expire();
        SendFrame(isKey: true);                            // held: not even for a viewer who comes now
        SendFrames(3);
        Watch(Viewers[1], channel);
        Watch(Beside, channel, _call.Origin);
        lease.Renew(MediaTime.Never);
        tap.Keeps = false;
        SendFrame(isKey: true);
        SendFrames(3);
        Assert.Equal(6, Viewers[0].On(Video).Count);
        Assert.Empty(Viewers[1].On(Video));
        Assert.Equal(crossed, _call.Origin.Core.Counters.PipePacketsOut[1]);     // it does not even enter the pipe

        tap.Keeps = true;
        SendFrames(3);                                     // kept, but they refer to what was held
        SendFrame(isKey: true);
        SendFrames(2);
        Assert.Equal(9, Viewers[0].On(Video).Count);
        Assert.Equal(3, Viewers[1].On(Video).Count);
        Assert.Equal(3, Beside.On(Video).Count);
        Assert.Equal(crossed + 6, _call.Origin.Core.Counters.PipePacketsOut[1]);
        AssertOnlyKept(tap, Viewers[0]);
        AssertOnlyKept(tap, Viewers[1]);
        Assert.Equal(
            [(false, ConsumerLayerReason.Preference), (true, ConsumerLayerReason.NotRecorded), (false, ConsumerLayerReason.Preference)],
            _call.Edge.Events.OfType<ConsumerLayerChanged>().Where(change => change.Consumer == first).Select(change => (change.Paused, change.Reason)));
    }

    [Fact]
    public void Begin_KeyFrameWithAHeldPacketBehindIt_ServesTheEdgeWithoutThat()
    {
        var lease = new RecorderLease();
        var tap = new KeepingTap();
        lease.Renew(MediaTime.Never);
        ProducerParameters parameters = TestRoom.Video("v");
        PipeChannel channel = _call.Connect(Sender, _call.Publish(Sender, parameters, lease, tap), parameters);
        SendFrame(isKey: true);
        byte[] key = _video.Next(Vp8Maker.Payload(++_picture, 0, isKey: true, fill: 1));
        byte[] rest = _video.Next(Vp8Maker.Payload(_picture, 0, isKey: true, isStart: false, fill: 2), marker: true);
        tap.Keeps = false;
        _call.Send(Sender, rest, 0);                       // came before the packet in front of it
        tap.Keeps = true;
        _call.Send(Sender, key, 0);
        Watch(Viewers[0], channel);
        SendFrame(isKey: false);

        Assert.Equal(2, Viewers[0].On(Video).Count);
        AssertOnlyKept(tap, Viewers[0]);
    }

    [Fact]
    public void SenderReport_AtTheOrigin_SetsTheClockOfTheEdge()
    {
        PipeChannel video = Connect(TestRoom.Video("v"));
        Watch(Viewers[0], video);
        Watch(Beside, video, _call.Origin);
        SendFrame(isKey: true);
        NtpTime ntp = NtpTime.FromUnixNanoseconds(TestRoom.AnchorUnixNanoseconds + _call.Now.Nanoseconds - 40_000_000);
        uint captured = _video.Timestamp - 1800;           // 20 ms before the frame
        _call.SendRtcp(Sender, (ref RtcpWriter writer) => writer.WriteSenderReport(new Ssrc(0x1111), ntp, new RtpTimestamp(captured), 1, 1, default));
        for (int i = 0; i < 40; i++) SendFrame(isKey: false);

        // Both viewers' reports relate the same picture to the same instant.
        Assert.InRange(Math.Abs(CaptureOf(Viewers[0]) - CaptureOf(Beside)), 0, 1_000_000);
    }

    [Fact]
    public void UpdateProducer_AtTheOrigin_ReachesTheEdgeInOrder()
    {
        PipeChannel channel = Connect(TestRoom.Audio("a"));
        ConsumerParameters takesBoth = TestRoom.AudioConsumer(Audio);
        takesBoth = takesBoth with { Codecs = [.. takesBoth.Codecs, takesBoth.Codecs[0] with { ProducerPayloadType = 120 }] };
        _call.Subscribe(_call.Edge, Viewers[0], channel.Edge, takesBoth);
        SendAudio(2);
        ProducerParameters changed = TestRoom.Audio("a");
        _call.Origin.Execute(new UpdateProducer(channel.Origin, changed with { Codecs = [changed.Codecs[0] with { PayloadType = 120 }] }));
        var renumbered = new RtpMaker(0x2222, 120, "a") { Sequence = _audio.Sequence, Timestamp = _audio.Timestamp + 960 };
        _call.Send(Sender, renumbered.Next([0x78, 9, 9]));

        Assert.Equal(3, Viewers[0].On(Audio).Count);
        Assert.Equal(0, _call.Edge.Core.Counters.Dropped[(int)DropReason.UnknownPayloadType]);
    }

    [Fact]
    public void EndTurn_ManyPacketsInOneTurn_WakesTheEdgeOnce()
    {
        Connect(TestRoom.Audio("a"));
        SendAudio(1);
        int before = _call.Edge.Wakes;
        for (int i = 0; i < 10; i++)
        {
            _audio.Timestamp += 960;
            Sender.SendRtp(_call.Now, _audio.Next([0x78, 1, 2]));
        }

        _call.Origin.Core.EndTurn(_call.Now);
        Assert.Equal(before + 1, _call.Edge.Wakes);
        _call.Origin.Core.EndTurn(_call.Now);
        Assert.Equal(before + 1, _call.Edge.Wakes);        // nothing new
    }

    [Fact]
    public void OnSummary_AtTheEdge_NamesOnlyItsOwnTransports()
    {
        Connect(TestRoom.Audio("a"));
        _call.Advance(1500);
        RoomSummary summary = _call.Edge.Events.OfType<RoomSummary>().Last();
        Assert.Equal(Viewers.Select(viewer => viewer.Virtual.Id), summary.Transports.Select(one => one.Transport));
    }

    private static void AssertOnlyKept(KeepingTap tap, PipedClient viewer)
    {
        HashSet<string> kept = [.. tap.Kept.Select(Convert.ToHexString)];
        Assert.All(viewer.On(Video), packet => Assert.Contains(kept, one => one.EndsWith(Convert.ToHexString(packet.Payload[5..]), StringComparison.Ordinal)));
    }

    private static double CaptureOf(PipedClient viewer)
    {
        SenderReport report = default;
        foreach (byte[] compound in viewer.Rtcp)
        {
            Assert.Equal(DropReason.None, RtcpReader.Open(compound, out RtcpReader reader));
            while (reader.MoveNext(out RtcpPacket packet))
                if (packet.Kind == RtcpKind.SenderReport && SenderReport.TryParse(packet, out SenderReport one) == DropReason.None && one.Ssrc.Value == Video)
                    report = one;
        }

        Assert.NotEqual(default, report.Ntp);
        // When the newest picture was captured, by the newest report.
        RtpTimestamp newest = viewer.On(Video)[^1].Header.Timestamp;
        return report.Ntp.ToUnixNanoseconds() + newest.DistanceFrom(report.Timestamp) * 1e9 / 90_000;
    }

    private PipeChannel Connect(ProducerParameters parameters) => _call.Connect(Sender, _call.Publish(Sender, parameters), parameters);

    private ConsumerId Watch(PipedClient viewer, PipeChannel channel, PipedWorker? at = null)
    {
        PipedWorker worker = at ?? _call.Edge;
        return _call.Subscribe(worker, viewer, worker == _call.Edge ? channel.Edge : channel.Origin, TestRoom.VideoConsumer(Video, VideoRtx));
    }

    private void SendAudio(int count, int milliseconds = 20)
    {
        for (int i = 0; i < count; i++)
        {
            _audio.Timestamp += 960;
            _call.Send(Sender, _audio.Next([0x78, (byte)i, 3]), milliseconds);
        }
    }

    private void SendFrames(int count)
    {
        for (int i = 0; i < count; i++) SendFrame(isKey: false);
    }

    private void SendFrame(bool isKey, int length = 200, int milliseconds = 33) => _call.Send(Sender, NextFrame(isKey, length), milliseconds);

    private byte[] NextFrame(bool isKey, int length = 200)
    {
        _video.Timestamp += 3000;
        _picture++;
        return _video.Next(Vp8Maker.Payload(_picture, 0, isKey: isKey, length: length, fill: (byte)_picture), marker: true);
    }

    private sealed class KeepingTap : IPacketTap
    {
        public bool Keeps { get; set; } = true;

        public List<byte[]> Kept { get; } = [];

        public bool OnRtp(MediaTime receivedAt, ReadOnlySpan<byte> packet, bool isRepaired)
        {
            if (Keeps) Kept.Add(packet.ToArray());
            return Keeps;
        }

        public void OnMuteChanged(MediaTime at, bool isMuted)
        {
        }

        public void OnSenderReport(MediaTime receivedAt, Ssrc ssrc, ReadOnlySpan<byte> packet)
        {
        }

        public void OnReceipt(MediaTime at, Ssrc ssrc, long packets)
        {
        }
    }
}
