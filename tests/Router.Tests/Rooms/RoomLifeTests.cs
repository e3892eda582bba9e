using Sfu.Media;
using Sfu.Media.Buffers;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Producers;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Rooms;

public sealed class RoomLifeTests : IDisposable
{
    private static readonly Ssrc Audio = new(0x9003);

    private readonly TestRoom _room = new();
    private readonly TestTransport _sender, _viewer;
    private readonly RtpMaker _audio = new(0x2222, TestRoom.OpusType, "a");

    public RoomLifeTests()
    {
        _sender = _room.Join();
        _viewer = _room.Join();
    }

    public void Dispose() => _room.Dispose();

    [Fact]
    public void SetProducerMuted_Sound_StopsAndGoesOnWithoutHole()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        ConsumerId consumer = _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(Audio.Value));
        SendAudio(3);
        _room.Execute(new SetProducerMuted(producer, true));
        SendAudio(50);
        _room.Execute(new SetProducerMuted(producer, false));
        SendAudio(1);

        List<SentRtp> sent = _viewer.Output.On(Audio);
        Assert.Equal(4, sent.Count);
        Assert.Equal(sent[2].Index + 1, sent[3].Index);
        Assert.Equal(51 * 960, sent[3].Header.Timestamp.DistanceFrom(sent[2].Header.Timestamp));
        Assert.Equal(50, _room.Counters.Dropped[(int)DropReason.Muted]);
        ConsumerLayerChanged[] changes = [.. _room.Events.OfType<ConsumerLayerChanged>()];
        Assert.Equal(
            [(false, ConsumerLayerReason.Preference), (true, ConsumerLayerReason.Muted), (false, ConsumerLayerReason.Preference)],
            changes.Select(change => (change.Paused, change.Reason)));
        Assert.All(changes, change => Assert.Equal(consumer, change.Consumer));
    }

    [Fact]
    public void ConsumerLayerChanged_FirstNotPaused_ComesWithTheFirstPacketAndNotAgain()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(Audio.Value));
        _room.Advance(TimeSpan.FromSeconds(2));
        Assert.DoesNotContain(_room.Events, e => e is ConsumerLayerChanged);

        SendAudio(1);
        Assert.Single(_viewer.Output.On(Audio));
        Assert.False(Assert.Single(_room.Events.OfType<ConsumerLayerChanged>()).Paused);
        SendAudio(100);
        Assert.Single(_room.Events.OfType<ConsumerLayerChanged>());
    }

    [Fact]
    public void AddTap_MutedOrNot_SeesWhatWasReceivedAndWhen()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        var tap = new RecordingTap();
        _room.Execute(new AddTap(producer, tap));
        SendAudio(2);
        _room.Execute(new SetProducerMuted(producer, true));
        SendAudio(1);
        _sender.SendRtcp((ref RtcpWriter writer) =>
            writer.WriteSenderReport(new Ssrc(0x2222), new NtpTime(77), new RtpTimestamp(5), 1, 1, default));
        bool detached = false;
        _room.Execute(new RemoveTap(producer, tap, () => detached = true));
        SendAudio(1);

        Assert.True(detached);
        Assert.Equal(["received 0", "rtp 1000", "rtp 1001", "muted", "rtp 1002", "sr 77", "received 3"], tap.Seen);
    }

    [Fact]
    public void AddTap_PacketRepairedByRtx_SeesTheOriginal()
    {
        ProducerId producer = _room.PublishVideo(_sender);
        var tap = new RecordingTap();
        _room.Execute(new AddTap(producer, tap));
        var video = new RtpMaker(0x1111, TestRoom.Vp8Type, "v") { Sequence = 7 };
        _sender.Send(video.Next(Vp8Maker.Payload(1, 1, isKey: true)));
        _sender.Send(new RtpMaker(0x1112, TestRoom.Vp8RtxType, "v").Repair(8, Vp8Maker.Payload(2, 2)));

        Assert.Equal(["received 0", "rtp 7", "rtx 8"], tap.Seen);
    }

    [Fact]
    public void OnDeadline_EachSecond_SumsUpTheRoom()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(Audio.Value));
        for (int i = 0; i < 50; i++)
        {
            if (i % 10 == 5) _audio.Sequence++;                // one of ten is lost
            SendAudio(1);
            _room.Advance(19);
            if (i == 40) AnswerReport(fractionLost: 64);
        }

        RoomSummary summary = _room.Events.OfType<RoomSummary>().Last();
        TransportSummary up = summary.Transports[0], down = summary.Transports[1];
        Assert.Equal(_sender.Routed.Id, up.Transport);
        Assert.InRange(up.LossUp, 0.08, 0.12);
        Assert.True(up.BytesReceived > 0 && up.BytesSent == 0);
        Assert.Equal(0.25, down.LossDown, 2);
        Assert.InRange(down.RoundTrip.TotalMilliseconds, 29, 31);
        Assert.True(down.BytesSent > 0);
        Assert.True(up.JitterUp < TimeSpan.FromMilliseconds(2));
    }

    [Fact]
    public void OnDeadline_SummaryReleased_IsFilledAgain()
    {
        RoomSummary first = AfterASecond();
        RoomSummary second = AfterASecond();
        Assert.NotSame(first, second);                         // its reader may still be at it
        Assert.Equal(2, first.Transports.Count);

        second.Release();
        first.Release();
        Assert.Same(second, AfterASecond());
        Assert.Equal([_sender.Routed.Id, _viewer.Routed.Id], second.Transports.Select(one => one.Transport));
        Assert.NotSame(second, AfterASecond());
    }

    [Fact]
    public void OnDeadline_EachSecond_ReportsWhatWasReceived()
    {
        _room.PublishAudio(_sender);
        NtpTime ntp = NtpTime.FromUnixNanoseconds(TestRoom.AnchorUnixNanoseconds + 5_000_000_000);
        SendAudio(2);
        _sender.SendRtcp((ref RtcpWriter writer) => writer.WriteSenderReport(new Ssrc(0x2222), ntp, new RtpTimestamp(5), 1, 1, default));
        _audio.Sequence++;
        SendAudio(1);
        _room.Advance(1000);

        ReportBlock block = LastBlock(_sender);
        Assert.Equal(0x2222u, block.Ssrc.Value);
        Assert.Equal(1, block.CumulativeLost);
        Assert.Equal(64, block.FractionLost);
        Assert.Equal(1003u, block.ExtendedHighestSequence);
        Assert.Equal(ntp.Middle32, block.LastSenderReport);
        Assert.InRange(block.DelaySinceLastSenderReport / 65536.0, 0.9, 1.1);
    }

    [Fact]
    public void OnDeadline_ClientWithoutTransportCc_GetsAGenerousRemb()
    {
        ProducerParameters video = TestRoom.Video("v") with { Extensions = HeaderExtensionMap.Empty, Mid = null };
        _room.Publish(_sender, video);
        _sender.Send(new RtpMaker(0x1111, TestRoom.Vp8Type).Next(Vp8Maker.Payload(1, 1, isKey: true)));
        _room.Advance(1000);

        Assert.Equal(1, _sender.Output.Count(RtcpKind.Remb));
        Assert.Equal(0, _viewer.Output.Count(RtcpKind.Remb));
    }

    [Theory]
    [InlineData(5, 8, 10)]                                 // each 100 ms
    [InlineData(20, 3, 4)]                                 // each 250 ms
    public void OnDeadline_ClientWithTransportCc_GetsFeedbackByItsRateAndNoRemb(int gap, int least, int most)
    {
        _room.PublishVideo(_sender);
        var video = new RtpMaker(0x1111, TestRoom.Vp8Type, "v");
        for (int i = 0; i < 1000 / gap; i++)
        {
            _sender.Send(video.Next(Vp8Maker.Payload(1, 1, isKey: true)));
            _room.Advance(gap);
        }

        Assert.Equal(0, _sender.Output.Count(RtcpKind.Remb));
        Assert.InRange(_sender.Output.Count(RtcpKind.TransportCc), least, most);
    }

    [Fact]
    public void OnDeadline_ConsumerThatEnded_StaysInWhatItsViewerWasSent()
    {
        ConsumerId consumer = _room.Subscribe(_viewer, _room.PublishAudio(_sender), TestRoom.AudioConsumer(0x9001));
        _sender.Send(new RtpMaker(0x2222, TestRoom.OpusType, "a").Next(new byte[100]));
        _room.Advance(1000);
        long sent = BytesSent();
        _room.Execute(new RemoveConsumer(consumer));
        _room.Advance(1000);

        Assert.True(sent > 100);
        Assert.Equal(sent, BytesSent());

        long BytesSent() => _room.Events.OfType<RoomSummary>().Last().Transports.Single(one => one.Transport == _viewer.Routed.Id).BytesSent;
    }

    [Fact]
    public void OnRtp_MoreWithinATurnThanTheRingHolds_SendsWhatCame()
    {
        using var room = new TestRoom(ingress: new IngressLimits(default, default));
        TestTransport sender = room.Join(), viewer = room.Join();
        room.Subscribe(viewer, room.PublishAudio(sender), TestRoom.AudioConsumer(0x9001));
        var sound = new RtpMaker(0x2222, TestRoom.OpusType, "a");
        sender.Send(sound.Next([0x78]));
        viewer.SendRtcp((ref RtcpWriter writer) => writer.WriteReceiverReport(new Ssrc(1), [new ReportBlock(new Ssrc(0x9001), 0, 0, 0, 0, 0, 0)]));
        viewer.Output.Clear();
        for (int i = 0; i < 60; i++)
        {
            var payload = new byte[1000];
            Array.Fill(payload, (byte)i);
            payload[0] = 0x78;
            sender.SendDeferred(sound.Next(payload));         // 16 KiB in the ring
        }

        room.EndTurn();
        Assert.Equal(60, room.Router.FanOut.Followed);        // by the short way
        Assert.True(room.Drains > 0);
        Assert.Equal(Enumerable.Range(0, 60), viewer.Output.Rtp.Select(sent => (int)sent.Payload[1]));
        Assert.All(viewer.Output.Rtp, sent => Assert.Equal(sent.Payload[1], sent.Payload[^1]));
    }

    [Fact]
    public void OnRtp_Gap_IsNackedAndAnsweredByRtxNoMore()
    {
        _room.PublishVideo(_sender);
        var video = new RtpMaker(0x1111, TestRoom.Vp8Type, "v");
        _sender.Send(video.Next(Vp8Maker.Payload(1, 1, isKey: true)));
        ushort lost = video.Sequence++;
        _sender.Send(video.Next(Vp8Maker.Payload(3, 3)));
        _room.Advance(10);
        Assert.Equal([lost], Nacked());
        _sender.Send(new RtpMaker(0x1112, TestRoom.Vp8RtxType, "v").Repair(lost, Vp8Maker.Payload(2, 2)));
        _room.Advance(1000);

        Assert.Equal([lost], Nacked());
    }

    [Fact]
    public void OnRtp_GapNeverFilled_EndsInAKeyFrameRequest()
    {
        ProducerId producer = _room.PublishVideo(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.VideoConsumer(0x9001, 0x9002));
        var video = new RtpMaker(0x1111, TestRoom.Vp8Type, "v");
        _sender.Send(video.Next(Vp8Maker.Payload(1, 1, isKey: true)));
        video.Sequence++;
        _sender.Send(video.Next(Vp8Maker.Payload(3, 3)));
        _room.Advance(900);
        Assert.Equal(0, _sender.Output.Count(RtcpKind.PictureLoss));
        _room.Advance(500);

        Assert.InRange(Nacked().Count, 2, 10);
        Assert.Equal(1, _sender.Output.Count(RtcpKind.PictureLoss));
    }

    [Fact]
    public void OnRtp_SomebodySpeaks_IsAnnounced()
    {
        TestTransport second = _room.Join();
        ProducerId quiet = _room.PublishAudio(_sender);
        ProducerId loud = _room.Publish(second, TestRoom.Audio("b"));
        var other = new RtpMaker(0x3333, TestRoom.OpusType, "b") { AudioLevel = 10 };
        _audio.AudioLevel = 127;
        for (int i = 0; i < 100; i++)
        {
            SendAudio(1);
            other.AudioLevel = (byte)(i % 40 < 4 ? 90 : 12);   // words and pauses
            second.Send(other.Next([0x78, 1]));
            _room.Advance(19);
        }

        ActiveSpeakersChanged speakers = _room.Events.OfType<ActiveSpeakersChanged>().Last();
        Assert.Equal(loud, speakers.Dominant);
        SpeakerLevel speaker = Assert.Single(speakers.Speakers);
        Assert.Equal(loud, speaker.Producer);
        Assert.InRange(speaker.Level, -20, -5);
        Assert.NotEqual(quiet, speaker.Producer);
        Assert.True(_room.Events.OfType<ActiveSpeakersChanged>().Count() <= 2000 / 300 + 1);
    }

    [Fact]
    public void RemoveTransport_Any_EndsItsProducersAndConsumers()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        ConsumerId consumer = _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(Audio.Value));
        ProducerId back = _room.PublishAudio(_viewer);
        SendAudio(1);
        _room.Router.RemoveTransport(_room.Now, _sender.Routed);

        Assert.False(_room.Execute(new RemoveConsumer(consumer)));
        Assert.False(_room.Execute(new RemoveProducer(producer)));
        Assert.Null(_room.Index.Find(new RemoveProducer(producer)));
        Assert.NotNull(_room.Index.Find(new RemoveProducer(back)));
        Assert.Equal([1, 0], _room.Counters.Producers);
        Assert.Equal([0, 0], _room.Counters.Consumers);
        Assert.Equal(1, _viewer.Output.Count(RtcpKind.Goodbye));
    }

    [Fact]
    public void Execute_IdThatIsTaken_IsRefused()
    {
        ProducerId producer = _room.PublishAudio(_sender);

        Assert.False(_room.Execute(new AddProducer(_viewer.Routed.Id, producer, TestRoom.Audio("a"))));
        Assert.Equal([1, 0], _room.Counters.Producers);
    }

    [Fact]
    public void OnRtcp_Malformed_IsCountedAndChangesNothing()
    {
        _room.Router.OnRtcp(_room.Now, _sender.Routed, [0x81, 201, 0, 7, 1, 2, 3]);
        _room.Router.OnRtcp(_room.Now, _sender.Routed, []);

        Assert.Equal(2, _room.Counters.Dropped[(int)DropReason.Truncated]);
    }

    [Fact]
    public void OnRtcp_Goodbye_EndsNothing()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(Audio.Value));
        SendAudio(1);
        _sender.SendRtcp((ref RtcpWriter writer) => writer.WriteGoodbye([new Ssrc(0x2222)]));
        SendAudio(1);

        Assert.Equal(2, _viewer.Output.On(Audio).Count);
    }

    private RoomSummary AfterASecond()
    {
        _room.Advance(TimeSpan.FromSeconds(1));
        return _room.Events.OfType<RoomSummary>().Last();
    }

    private void SendAudio(int packets)
    {
        for (int i = 0; i < packets; i++)
        {
            _sender.Send(_audio.Next([0x78, 1, 2, 3]));
            _audio.Timestamp += 960;
            _room.Advance(1);
        }
    }

    /// <summary>The viewer reports 20 ms after our report reached it, which took 15 ms; its own takes 15 ms.</summary>
    private void AnswerReport(byte fractionLost)
    {
        foreach (byte[] compound in _viewer.Output.Rtcp)
        {
            RtcpReader.Open(compound, out RtcpReader reader);
            while (reader.MoveNext(out RtcpPacket packet))
            {
                if (SenderReport.TryParse(packet, out SenderReport report) != DropReason.None) continue;
                uint sent = report.Ntp.Middle32;
                NtpTime now = NtpTime.FromUnixNanoseconds(TestRoom.AnchorUnixNanoseconds + _room.Now.Nanoseconds);
                uint delay = now.Middle32 - sent - 30 * 65536 / 1000;
                _viewer.SendRtcp((ref RtcpWriter writer) =>
                    writer.WriteReceiverReport(new Ssrc(1), [new ReportBlock(Audio, fractionLost, 0, 0, 0, sent, delay)]));
                return;
            }
        }
    }

    private static ReportBlock LastBlock(TestTransport transport)
    {
        ReportBlock last = default;
        foreach (byte[] compound in transport.Output.Rtcp)
        {
            RtcpReader.Open(compound, out RtcpReader reader);
            while (reader.MoveNext(out RtcpPacket packet))
                if (ReceiverReport.TryParse(packet, out ReceiverReport report) == DropReason.None && report.Blocks.Count > 0)
                    last = report.Blocks[0];
        }

        return last;
    }

    private List<ushort> Nacked()
    {
        var numbers = new List<ushort>();
        foreach (byte[] compound in _sender.Output.Rtcp)
        {
            RtcpReader.Open(compound, out RtcpReader reader);
            while (reader.MoveNext(out RtcpPacket packet))
                if (NackFeedback.TryParse(packet, out NackFeedback nack) == DropReason.None)
                    while (nack.MoveNext(out SequenceNumber number)) numbers.Add(number.Value);
        }

        return numbers;
    }

    private sealed class RecordingTap : IPacketTap
    {
        public List<string> Seen { get; } = [];

        /// <summary>Whether it says that it kept what it was given.</summary>
        public bool Keeps { get; set; } = true;

        public bool OnRtp(MediaTime receivedAt, ReadOnlySpan<byte> packet, bool isRepaired)
        {
            Assert.Equal(DropReason.None, RtpHeader.Parse(packet, out RtpHeader header));
            Seen.Add($"{(isRepaired ? "rtx" : "rtp")} {header.SequenceNumber.Value}");
            return Keeps;
        }

        public void OnMuteChanged(MediaTime at, bool isMuted) => Seen.Add(isMuted ? "muted" : "open");

        public void OnSenderReport(MediaTime receivedAt, Ssrc ssrc, ReadOnlySpan<byte> packet)
        {
            Assert.Equal(DropReason.None, RtcpReader.Open(packet, out RtcpReader reader));
            Assert.True(reader.MoveNext(out RtcpPacket read));
            Assert.Equal(DropReason.None, SenderReport.TryParse(read, out SenderReport report));
            Assert.Equal(ssrc, report.Ssrc);
            Seen.Add($"sr {report.Ntp.Value}");
        }

        public void OnReceipt(MediaTime at, Ssrc ssrc, long packets) => Seen.Add($"received {packets}");
    }
}
