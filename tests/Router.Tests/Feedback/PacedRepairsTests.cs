using CsCheck;
using Sfu.Media.Congestion;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Consumers;
using Sfu.Router.Feedback;
using Sfu.Router.Producers;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Feedback;

/// <summary>What a viewer asks for again leaves as its link may carry it, beside live media that is never held.</summary>
public sealed class PacedRepairsTests : IDisposable
{
    private const int PayloadLength = 1100;
    private const int PacketsPerFrame = 5, FrameMs = 30;   // 1.5 Mbit/s
    private static readonly Ssrc Video = new(0x9001), Rtx = new(0x9002), Audio = new(0x9003);

    private readonly TestRoom _room = new(ingress: new IngressLimits(default, default));
    private readonly TestTransport _sender, _viewer;
    private readonly RtpMaker _video = new(0x1111, TestRoom.Vp8Type, "v");
    private readonly ProducerId _producer;
    private readonly List<(MediaTime At, SentRtp Packet)> _resent = [];
    private ConsumerId _consumer;
    private ushort _picture = 10;
    private int _seen;
    private bool _isRtx = true;

    public PacedRepairsTests()
    {
        _sender = _room.Join();
        _viewer = _room.Join();
        _producer = _room.PublishVideo(_sender);
    }

    public void Dispose() => _room.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OnNack_SixtyThreePackets_LeaveInOrderAsTheRateAllowsAndAllArrive(bool isRtx)
    {
        Subscribe(isRtx);
        Watch(TimeSpan.FromSeconds(3));
        List<SentRtp> lost = Newest(63);
        MediaTime asked = _room.Now;
        Nack(lost[..17], lost[17..]);

        int atOnce = _resent.Count;
        Assert.InRange(atOnce, 3, 5);                      // four full packets, of which live media has used some
        Assert.All(_resent, resent => Assert.Equal(asked, resent.At));
        Watch(TimeSpan.FromSeconds(1));

        Assert.Equal(lost.Select(packet => packet.Header.SequenceNumber.Value), _resent.Select(resent => OriginalNumber(resent.Packet)));
        Assert.Equal(lost.Select(packet => packet.Bytes[^PayloadLength..]), _resent.Select(resent => resent.Packet.Bytes[^PayloadLength..]));
        AssertPaced(Bitrate.FromKilobits(3150), Pacer.PacketsTogether * Pacer.FullPacket);
        Assert.True(_resent[^1].At - asked < PacedRepairs.LongestWait, $"{_resent[^1].At - asked}");
        Assert.Equal((63, 63 - atOnce, 0), (_room.Counters.Retransmissions, _room.Counters.RepairsPaced, Dropped));
        foreach (IGrouping<MediaTime, (MediaTime At, SentRtp Packet)> tick in _resent.GroupBy(resent => resent.At).Skip(1).SkipLast(1))
            Assert.InRange(tick.Count(), 1, 4);
        double together = (double)(63 - atOnce) / (_resent.GroupBy(resent => resent.At).Count() - 1);
        Assert.True(together >= 2.5, $"{together} packets leave together");
    }

    [Fact]
    public void OnNack_FewPackets_LeaveInTheTurnInWhichTheyAreAskedForAndPlanNothing()
    {
        Subscribe(isRtx: true);
        Watch(TimeSpan.FromSeconds(2));
        MediaTime next = _room.Router.NextDeadline, wakeAt = _room.Router.WakeAt;
        Nack(Newest(3));

        Assert.Equal(3, _resent.Count);
        Assert.Equal((next, wakeAt), (_room.Router.NextDeadline, _room.Router.WakeAt));
        Assert.False(_viewer.Routed.HasRepairs);
        Assert.Equal(0, _room.Counters.RepairsPaced);
    }

    [Fact]
    public void OnNack_WhileOthersWait_LiveMediaLeavesInItsTurn()
    {
        Subscribe(isRtx: true);
        Watch(TimeSpan.FromSeconds(2));
        Nack(Newest(60));
        Assert.True(_viewer.Routed.HasRepairs);
        for (int i = 0; i < 5; i++)
        {
            int before = _viewer.Output.On(Video).Count;
            SendFrame();
            Assert.Equal(before + PacketsPerFrame, _viewer.Output.On(Video).Count);
            Assert.True(_viewer.Routed.HasRepairs);
        }
    }

    [Fact]
    public void OnNack_TheSameWhileItWaits_IsQueuedOnce()
    {
        Subscribe(isRtx: true);
        Watch(TimeSpan.FromSeconds(2));
        List<SentRtp> lost = Newest(60);
        Nack(lost);
        int waiting = _viewer.Routed.Repairs.Count;
        Nack(lost);
        Nack(lost);

        Assert.Equal(60 - _resent.Count, waiting);
        Assert.Equal(waiting, _viewer.Routed.Repairs.Count);
        Watch(TimeSpan.FromSeconds(1));
        Assert.Equal(60, _resent.Count);
        Assert.Equal(60, _resent.Select(resent => OriginalNumber(resent.Packet)).Distinct().Count());
    }

    [Fact]
    public void OnNack_Sound_IsAnsweredAtOnceEvenWhileVideoWaits()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(Audio.Value, Media.Codecs.CodecFeedback.Nack));
        Subscribe(isRtx: true);
        var sound = new RtpMaker(0x2222, TestRoom.OpusType, "a");
        for (int i = 0; i < 20; i++) _sender.Send(sound.Next([0x78, (byte)i, 3]));
        Watch(TimeSpan.FromSeconds(2));
        Nack(Newest(60));
        Assert.True(_viewer.Routed.HasRepairs);
        List<SentRtp> lost = _viewer.Output.On(Audio)[5..15];
        _viewer.SendRtcp((ref RtcpWriter writer) => writer.WriteNack(new Ssrc(1), Audio, Numbers(lost), out _));

        Assert.Equal(30, _viewer.Output.On(Audio).Count);
    }

    [Fact]
    public void RemoveConsumer_WhileItsPacketsWait_LeavesNoneAndKeepsTheOthers()
    {
        Subscribe(isRtx: true);
        ConsumerId other = _room.Subscribe(_viewer, _producer, TestRoom.VideoConsumer(0x9101, 0x9102));
        _sender.Send(_video.Next(Vp8Maker.Payload(_picture++, 0, isKey: true, length: PayloadLength), marker: true));
        Watch(TimeSpan.FromSeconds(2));
        List<SentRtp> lost = Newest(30), lostOfOther = _viewer.Output.On(new Ssrc(0x9101))[^10..];
        Nack(lost);
        _viewer.SendRtcp((ref RtcpWriter writer) => writer.WriteNack(new Ssrc(1), new Ssrc(0x9101), Numbers(lostOfOther), out _));
        int waiting = _viewer.Routed.Repairs.Count, sent = _resent.Count;
        Assert.True(waiting > 10);
        Assert.True(_room.Execute(new RemoveConsumer(_consumer)));

        Assert.Equal(10, _viewer.Routed.Repairs.Count);
        Assert.Equal(waiting - 10, _room.Counters.RepairsGone);
        Assert.Equal(other, _viewer.Routed.Repairs.Oldest.Consumer.Id);
        Watch(TimeSpan.FromSeconds(1));
        Assert.Equal(sent, _resent.Count);
        Assert.Equal(
            lostOfOther.Select(packet => packet.Header.SequenceNumber.Value),
            _viewer.Output.On(new Ssrc(0x9102)).Select(packet => OriginalNumber(packet)));
        Assert.True(_room.Execute(new RemoveConsumer(other)));
    }

    [Fact]
    public void RemoveTransport_WhilePacketsWait_LeavesNothing()
    {
        Subscribe(isRtx: true);
        Watch(TimeSpan.FromSeconds(2));
        Nack(Newest(60));
        int waiting = _viewer.Routed.Repairs.Count, sent = _resent.Count;
        _room.Router.RemoveTransport(_room.Now, _viewer.Routed);
        Watch(TimeSpan.FromSeconds(1));

        Assert.False(_viewer.Routed.HasRepairs);
        Assert.Equal((sent, waiting), (_resent.Count, (int)_room.Counters.RepairsGone));
    }

    [Fact]
    public void SendDue_RingWentRoundMeanwhile_SkipsWhatIsGoneAndGoesOn()
    {
        Subscribe(isRtx: true);
        Watch(TimeSpan.FromSeconds(2));
        List<SentRtp> lost = Newest(60);
        Nack(lost);
        int waiting = _viewer.Routed.Repairs.Count, atOnce = _resent.Count;
        for (int i = 0; i < 250; i++) SendFrame();         // 1.4 MB into a ring of 1 MiB at most, in no time
        SequenceNumber newest = Newest(1)[0].Header.SequenceNumber;
        Watch(TimeSpan.FromSeconds(1));

        Assert.Equal(waiting, Dropped + (int)_room.Counters.RepairsPaced);
        Assert.True(_room.Counters.RepairsGone > 0);
        Assert.Equal(atOnce + (int)_room.Counters.RepairsPaced, _resent.Count);
        int before = _resent.Count;
        _viewer.SendRtcp((ref RtcpWriter writer) => writer.WriteNack(new Ssrc(1), Video, [newest], out _));
        Collect();
        Assert.Equal(before + 1, _resent.Count);           // nothing is stuck
    }

    [Fact]
    public void OnNack_SlowerThanTheBound_DropsTheOldAndAnswersWhenAskedAgain()
    {
        Subscribe(isRtx: true);
        Watch(TimeSpan.FromSeconds(3));
        _viewer.Routed.PacingRate = Bitrate.FromKilobits(1800);    // an estimator says so: live media leaves 300 kbit/s
        List<SentRtp> lost = Newest(60);
        MediaTime asked = _room.Now;
        Nack(lost);
        Watch(TimeSpan.FromSeconds(1));

        Assert.InRange(_room.Counters.RepairsLate, 20, 55);
        Assert.Equal(60, _resent.Count + Dropped);
        Assert.All(_resent, resent => Assert.True(resent.At - asked <= PacedRepairs.LongestWait));
        Assert.False(_viewer.Routed.HasRepairs);
        List<SentRtp> late = lost[_resent.Count..];
        int before = _resent.Count + Dropped, sent = _resent.Count;
        Nack(late);
        Watch(TimeSpan.FromSeconds(1));
        Assert.Equal(before + late.Count, _resent.Count + Dropped);    // those that have to wait are taken on again
        Assert.True(_resent.Count > sent + Pacer.PacketsTogether, $"{_resent.Count - sent}");
    }

    /// <summary>Next to nothing is forwarded of a still picture: what was lost of it is repaired all the same.</summary>
    [Fact]
    public void OnNack_NothingForwardedForSeconds_LeavesAsFastAsTheLowestRate()
    {
        Subscribe(isRtx: true);
        for (int i = 0; i < 3; i++) SendFrame();
        for (int i = 0; i < 5; i++) _room.Advance(1000);
        MediaTime asked = _room.Now;
        Nack(Newest(14));
        for (int i = 0; i < 500; i++)
        {
            _room.Advance(1);
            Collect();
        }

        Assert.Equal((14, 0), (_resent.Count, Dropped));
        Assert.InRange((_resent[^1].At - asked).TotalMilliseconds, 200, 400);   // 16 kB, of which 6 at once, at 300 kbit/s
    }

    [Fact]
    public void OnNack_MoreThanThePlaces_DropsTheNewestAskedAndCounts()
    {
        Subscribe(isRtx: true);
        _room.Advance(10);
        SendFrame(isKey: true);
        for (int i = 0; i < 400; i++)                      // 500 packets a second: it remembers 1,024
        {
            SendFrame();
            _room.Advance(10);
        }

        Collect();
        _viewer.Routed.PacingRate = Bitrate.FromKilobits(10);
        List<SentRtp> lost = Newest(400);
        for (int i = 0; i < 4; i++) Nack(lost.Skip(i * 100).Take(100).ToList());

        Assert.Equal(RepairQueue.Capacity, _viewer.Routed.Repairs.Count);
        Assert.Equal(400 - RepairQueue.Capacity - _resent.Count, _room.Counters.RepairsFull);
        Assert.Equal(lost[_resent.Count].Header.SequenceNumber, _viewer.Routed.Repairs.Oldest.Number);
    }

    // Whatever is asked for and whenever: what is taken on leaves within the bound or is counted, in order, and never twice.
    [Fact]
    public void OnNack_AnyRequests_EverythingTakenOnLeavesOrIsCountedWithinTheBound() =>
        Gen.Select(Gen.Int[100, 6000], Gen.Select(Gen.Int[0, 60], Gen.Int[0, 2], Gen.Int[0, 80], Gen.Int[1, 60]).Array[5, 40]).Sample((kilobits, steps) =>
        {
            using var test = new PacedRepairsTests();
            test.Subscribe(isRtx: true);
            test.Watch(TimeSpan.FromMilliseconds(600));
            test._viewer.Routed.PacingRate = Bitrate.FromKilobits(kilobits);
            foreach ((int milliseconds, int frames, int back, int count) in steps)
            {
                test._room.Advance(milliseconds);
                for (int i = 0; i < frames; i++) test.SendFrame();
                List<SentRtp> sent = test._viewer.Output.On(Video);
                int from = Math.Max(0, sent.Count - back - count);
                test.Nack(sent.GetRange(from, Math.Min(count, sent.Count - from)));
                if (test._viewer.Routed.HasRepairs)
                {
                    Assert.True(test._room.Now - test._viewer.Routed.Repairs.Oldest.AskedAt < PacedRepairs.LongestWait);
                    Assert.True(test._room.Router.WakeAt <= test._viewer.Routed.Repairs.Oldest.AskedAt + PacedRepairs.LongestWait);
                }
            }

            test._room.Advance(PacedRepairs.LongestWait);
            test.Collect();
            Assert.False(test._viewer.Routed.HasRepairs);
            Assert.Equal(test._resent.Count, test._room.Counters.Retransmissions);
            Assert.All(test._resent.GroupBy(resent => OriginalNumber(resent.Packet)), again => Assert.InRange(again.Count(), 1, 3));
        }, iter: 60);

    private int Dropped => (int)(_room.Counters.RepairsLate + _room.Counters.RepairsFull + _room.Counters.RepairsGone);

    private static ushort OriginalNumber(SentRtp packet) => packet.Header.Ssrc == Rtx || packet.Header.Ssrc.Value == 0x9102
        ? (ushort)(packet.Payload[0] << 8 | packet.Payload[1])
        : packet.Header.SequenceNumber.Value;

    private static SequenceNumber[] Numbers(List<SentRtp> packets) => [.. packets.Select(packet => packet.Header.SequenceNumber)];

    private void Subscribe(bool isRtx)
    {
        _isRtx = isRtx;
        _consumer = _room.Subscribe(_viewer, _producer, TestRoom.VideoConsumer(Video.Value, isRtx ? Rtx.Value : null));
        SendFrame(isKey: true);
    }

    /// <summary>Lets time pass with live video in it.</summary>
    private void Watch(TimeSpan span)
    {
        MediaTime end = _room.Now + span;
        while (_room.Now < end)
        {
            for (int i = 0; i < FrameMs; i++)
            {
                _room.Advance(1);
                Collect();
            }

            SendFrame();
        }
    }

    private void SendFrame(bool isKey = false)
    {
        for (int i = 0; i < PacketsPerFrame; i++)
            _sender.Send(_video.Next(Vp8Maker.Payload(_picture, (byte)_picture, isKey: isKey, isStart: i == 0, length: PayloadLength, fill: (byte)(_video.Sequence & 0xFF)), marker: i == PacketsPerFrame - 1));
        _picture++;
        _video.Timestamp += 2700;
        Collect();
    }

    private List<SentRtp> Newest(int count) => FirstTimes()[^count..];

    private List<SentRtp> FirstTimes() => _isRtx ? _viewer.Output.On(Video) : [.. _viewer.Output.On(Video).DistinctBy(packet => packet.Index)];

    private void Nack(params List<SentRtp>[] lost)
    {
        foreach (List<SentRtp> some in lost)
            _viewer.SendRtcp((ref RtcpWriter writer) => writer.WriteNack(new Ssrc(1), Video, Numbers(some), out _));
        Collect();
    }

    /// <summary>Notes what was sent again since the last call, and when.</summary>
    private void Collect()
    {
        List<SentRtp> all = _viewer.Output.Rtp;
        for (; _seen < all.Count; _seen++)
        {
            bool isAgain = _isRtx ? all[_seen].Header.Ssrc == Rtx : all.FindIndex(packet => packet.Header.Ssrc == Video && packet.Index == all[_seen].Index) < _seen;
            if (isAgain) _resent.Add((_room.Now, all[_seen]));
        }
    }

    private void AssertPaced(Bitrate rate, int burst)
    {
        for (int from = 0; from < _resent.Count; from++)
        {
            long sum = 0;
            for (int to = from; to < _resent.Count; to++)
            {
                sum += _resent[to].Packet.Bytes.Length;
                double allowed = burst + rate.BitsPerSecond / 8 * (_resent[to].At - _resent[from].At + TimeSpan.FromMilliseconds(1)).TotalSeconds;
                Assert.True(sum <= allowed, $"{sum} B in {_resent[to].At - _resent[from].At}");
            }
        }
    }
}
