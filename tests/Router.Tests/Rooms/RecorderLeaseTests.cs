using CsCheck;
using Sfu.Media;
using Sfu.Media.Buffers;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Rooms;

/// <summary>What must be recorded is forwarded only while the recorder takes it.</summary>
public sealed class RecorderLeaseTests : IDisposable
{
    private static readonly Ssrc Audio = new(0x9001), Video = new(0x9101);

    private readonly TestRoom _room = new();
    private readonly RecorderLease _lease = new();
    private readonly KeepingTap _tap = new();
    private readonly RtpMaker _audio = new(0x2222, TestRoom.OpusType, "a");
    private readonly RtpMaker _video = new(0x1111, TestRoom.Vp8Type, "v");
    private readonly TestTransport _sender, _viewer;
    private ushort _picture;

    public RecorderLeaseTests()
    {
        _sender = _room.Join();
        _viewer = _room.Join();
    }

    public void Dispose() => _room.Dispose();

    [Fact]
    public void OnRtp_LeaseNeverGiven_ForwardsNothing()
    {
        PublishAudio(_tap);
        SendAudio(5);

        Assert.Empty(_viewer.Output.Rtp);
        Assert.Equal(5, _tap.Kept.Count);                  // it may be recorded all the same
        Assert.Equal(5, _room.Counters.Dropped[(int)DropReason.NotRecorded]);
    }

    [Fact]
    public void OnRtp_NoTap_ForwardsNothing()
    {
        RenewFor(10);
        PublishAudio(null);
        SendAudio(5);
        Assert.Empty(_viewer.Output.Rtp);
    }

    [Fact]
    public void OnRtp_LeaseRunsOutAndIsRenewed_LeavesNoHole()
    {
        RenewFor(0.01);
        PublishAudio(_tap);
        SendAudio(5);
        _room.Advance(10);
        SendAudio(5);
        RenewFor(1);
        SendAudio(1);

        List<SentRtp> sent = _viewer.Output.On(Audio);
        Assert.Equal(6, sent.Count);
        Assert.Equal(sent[4].Index + 1, sent[5].Index);
        Assert.Equal(6 * 960, sent[5].Header.Timestamp.DistanceFrom(sent[4].Header.Timestamp));
        Assert.Equal(
            [(false, ConsumerLayerReason.Preference), (true, ConsumerLayerReason.NotRecorded), (false, ConsumerLayerReason.Preference)],
            _room.Events.OfType<ConsumerLayerChanged>().Select(change => (change.Paused, change.Reason)));
    }

    [Fact]
    public void OnRtp_TapIsFull_HoldsTheVideoUntilTheNextKeyFrame()
    {
        RenewFor(10);
        PublishVideo(_tap);
        SendVideo(isKey: true);
        _tap.Keeps = false;
        SendVideo();
        _tap.Keeps = true;
        int asked = _sender.Output.Count(RtcpKind.PictureLoss);
        SendVideo();
        Assert.Single(_viewer.Output.On(Video));
        _room.Advance(600);
        Assert.True(_sender.Output.Count(RtcpKind.PictureLoss) > asked, "the held viewer needs a key frame");
        SendVideo(isKey: true);
        Assert.Equal(2, _viewer.Output.On(Video).Count);
    }

    // Packets of one turn have one time of receipt: what is held and what opens the track again cannot be told apart by it.
    [Fact]
    public void OnRtp_HeldAndOpenedWithinOneTurn_SendsNothingThatWasHeld()
    {
        RenewFor(10);
        PublishVideo(_tap);
        SendVideo(isKey: true);
        byte[] key = _video.Next(Vp8Maker.Payload(++_picture, (byte)_picture, isKey: true), marker: false);
        byte[] rest = _video.Next([.. Vp8Maker.Payload(_picture, (byte)_picture, isKey: true, isStart: false), 0xEE], marker: true);
        _tap.Keeps = false;
        _sender.SendDeferred(rest);                            // came before the packet in front of it
        _tap.Keeps = true;
        _sender.SendDeferred(key);
        _room.EndTurn();

        Assert.Equal(2, _viewer.Output.On(Video).Count);       // the first picture, and of the second what was kept
        Assert.DoesNotContain(_viewer.Output.On(Video), sent => sent.Payload[^1] == 0xEE);
    }

    [Fact]
    public void AddConsumer_KeyFrameWasNotRecorded_IsNotShownToALateViewer()
    {
        PublishVideo(_tap, out ProducerId producer);
        SendVideo(isKey: true);
        RenewFor(10);
        SendVideo();
        TestTransport late = _room.Join();
        _room.Subscribe(late, producer, TestRoom.VideoConsumer(0x9201, null));
        Assert.Empty(late.Output.Rtp);
        SendVideo(isKey: true);
        Assert.Single(late.Output.Rtp);
    }

    [Fact]
    public void SetRecorderLease_Null_OpensTheTrack()
    {
        ProducerId producer = PublishAudio(null);
        SendAudio(1);
        _room.Execute(new SetRecorderLease(producer, null));
        SendAudio(2);
        Assert.Equal(2, _viewer.Output.On(Audio).Count);
    }

    [Fact]
    public void OnRtp_PaddingOnlyOrUnknownPayloadType_IsGivenToTheTap()
    {
        PublishVideo(_tap);
        SendVideo(isKey: true);
        _sender.Send(_video.Next([]));
        byte[] unknown = _video.Next([1, 2, 3]);
        unknown[1] = 77;
        _sender.Send(unknown);
        Assert.Equal(3, _tap.Kept.Count);
    }

    [Fact]
    public void OnReceipt_DuplicatesAndRepairs_CountWhatTheTapWasGiven()
    {
        PublishVideo(_tap);
        SendVideo(isKey: true);
        byte[] twice = _video.Next(Vp8Maker.Payload(++_picture, 1));
        _sender.Send(twice);
        _sender.Send(twice);
        _sender.Send(new RtpMaker(0x1112, TestRoom.Vp8RtxType, "v").Repair(_video.Sequence, Vp8Maker.Payload(++_picture, 1)));
        _room.Advance(1000);
        Assert.Equal(_tap.Kept.Count, _tap.Receipts[0x1111]);
        Assert.Equal(3, _tap.Kept.Count);
    }

    [Fact]
    public void OnRtp_RecorderFailsAndReturnsAtRandom_ForwardsOnlyWhatWasKept() =>
        Gen.Int[0, 9].Array[1, 400].Sample(
            steps =>
            {
                using var run = new RecorderLeaseTests();
                run.PublishAudio(run._tap);
                run.PublishVideo(run._tap);
                foreach (int step in steps)
                {
                    if (step == 0) run._lease.Expire();
                    else if (step == 1) run.RenewFor(0.02);
                    else if (step == 2) run._tap.Keeps = !run._tap.Keeps;
                    else if (step < 6) run.SendAudio(1);
                    else run.SendVideo(isKey: step == 6);
                }

                HashSet<string> kept = [.. run._tap.KeptWhileFresh];
                return run._viewer.Output.Rtp.All(sent => kept.Contains(Mark(sent.Payload)));
            },
            iter: 300);

    private ProducerId PublishAudio(IPacketTap? tap)
    {
        var producer = new ProducerId(50);
        _room.Execute(new AddProducer(_sender.Routed.Id, producer, TestRoom.Audio("a"), _lease, tap));
        _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(Audio.Value));
        _tap.Lease = (_lease, () => _room.Now);
        return producer;
    }

    private void PublishVideo(IPacketTap? tap) => PublishVideo(tap, out _);

    private void PublishVideo(IPacketTap? tap, out ProducerId producer)
    {
        producer = new ProducerId(60);
        _room.Execute(new AddProducer(_sender.Routed.Id, producer, TestRoom.Video("v"), _lease, tap));
        _room.Subscribe(_viewer, producer, TestRoom.VideoConsumer(Video.Value, null));
        _tap.Lease = (_lease, () => _room.Now);
    }

    private void RenewFor(double seconds) => _lease.Renew(_room.Now + TimeSpan.FromSeconds(seconds));

    private void SendAudio(int packets)
    {
        for (int i = 0; i < packets; i++)
        {
            _sender.Send(_audio.Next([0x78, 1, (byte)(_picture >> 8), (byte)_picture++]));
            _audio.Timestamp += 960;
            _room.Advance(1);
        }
    }

    private void SendVideo(bool isKey = false)
    {
        byte[] payload = Vp8Maker.Payload(++_picture, (byte)_picture, isKey: isKey);
        payload[^1] = (byte)_picture;
        payload[^2] = (byte)(_picture >> 8);
        _sender.Send(_video.Next(payload, marker: true));
        _video.Timestamp += 3000;
        _room.Advance(1);
    }

    /// <summary>The end of a payload, which no rewriting touches; it is different in every packet of a run.</summary>
    private static string Mark(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes[^2..]);

    private sealed class KeepingTap : IPacketTap
    {
        public List<string> Kept { get; } = [];

        /// <summary>What was kept while the lease was fresh.</summary>
        public List<string> KeptWhileFresh { get; } = [];

        public Dictionary<uint, long> Receipts { get; } = [];

        public bool Keeps { get; set; } = true;

        public (RecorderLease Lease, Func<MediaTime> Now) Lease { get; set; }

        public bool OnRtp(MediaTime receivedAt, ReadOnlySpan<byte> packet, bool isRepaired)
        {
            Assert.Equal(DropReason.None, RtpHeader.Parse(packet, out _));
            if (!Keeps) return false;
            string payload = Mark(packet);
            Kept.Add(payload);
            if (Lease.Lease.IsFresh(Lease.Now())) KeptWhileFresh.Add(payload);
            return true;
        }

        public void OnMuteChanged(MediaTime at, bool isMuted)
        {
        }

        public void OnSenderReport(MediaTime receivedAt, Ssrc ssrc, ReadOnlySpan<byte> packet)
        {
        }

        public void OnReceipt(MediaTime at, Ssrc ssrc, long packets) => Receipts[ssrc.Value] = packets;
    }
}
