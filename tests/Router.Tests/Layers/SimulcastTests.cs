using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Layers;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Layers;

public sealed class SimulcastTests : IDisposable
{
    private static readonly Ssrc Video = new(0x9001), Rtx = new(0x9002);

    private readonly TestRoom _room = new();
    private readonly TestTransport _sender, _viewer;
    private readonly ProducerId _producer;
    private readonly ConsumerId _consumer;
    private readonly SimulcastSender _low, _high;

    public SimulcastTests()
    {
        _sender = _room.Join();
        _viewer = _room.Join();
        _producer = _room.PublishVideo(_sender, "q", "f");
        _consumer = _room.Subscribe(_viewer, _producer, TestRoom.VideoConsumer(Video.Value, Rtx.Value));
        _low = new SimulcastSender(_sender, 0xA1, "q", 160, fill: 1) { Picture = 500, Tl0 = 200, Timestamp = 77_000 };
        _high = new SimulcastSender(_sender, 0xA3, "f", 640, fill: 3) { Picture = 9000, Tl0 = 7, Timestamp = 3_000_000_000 };
    }

    public void Dispose() => _room.Dispose();

    [Fact]
    public void OnRtp_BothEncodings_ForwardsTheHighest()
    {
        Run(1, isKey: true);
        Run(10);

        Assert.Equal(1, _viewer.Output.On(Video)[0].Payload[^1]);   // it came first, and is better than nothing
        Assert.All(_viewer.Output.On(Video)[1..], sent => Assert.Equal(3, sent.Payload[^1]));
        AssertContinuous();
        Assert.Equal("f", LastLayer().Rid);
        Assert.Equal(ConsumerLayerReason.Preference, LastLayer().Reason);
    }

    [Fact]
    public void SetConsumerPreferences_SmallPicture_SwitchesDownAtTheKeyFrame()
    {
        Run(1, isKey: true);
        Run(10);
        _sender.Output.Clear();
        _room.Execute(new SetConsumerPreferences(_consumer, false, MaxWidth: 160, MaxHeight: 90));
        Assert.Equal([0xA1u], PliTargets());
        Run(3);
        Assert.Equal(3, _viewer.Output.On(Video)[^1].Payload[^1]);
        Run(1, isKey: true);
        Run(3);

        Assert.Equal(1, _viewer.Output.On(Video)[^1].Payload[^1]);
        AssertContinuous();
        Assert.Equal("q", LastLayer().Rid);
    }

    [Fact]
    public void OnRtp_TopFallsSilent_FallsBackAndComesBack()
    {
        Run(1, isKey: true);
        Run(40);
        _high.IsSilent = true;
        for (int i = 0; i < 40; i++) Run(1, isKey: _low.IsAskedForKeyFrame);
        Assert.Equal(1, _viewer.Output.On(Video)[^1].Payload[^1]);
        Assert.Equal(ConsumerLayerReason.Availability, LastLayer().Reason);
        Assert.Equal("q", LastLayer().Rid);
        _high.IsSilent = false;
        for (int i = 0; i < 40; i++) Run(1, isKey: _high.IsAskedForKeyFrame);

        Assert.Equal(3, _viewer.Output.On(Video)[^1].Payload[^1]);
        Assert.Equal("f", LastLayer().Rid);
        Assert.Equal(ConsumerLayerReason.Preference, LastLayer().Reason);
        AssertContinuous();
    }

    [Fact]
    public void OnRtp_SwitchWithSenderReports_KeepsCaptureTime()
    {
        Run(1, isKey: true);
        Report(_low, 30);
        Report(_high, 30);
        Run(10);
        SentRtp before = _viewer.Output.On(Video)[^1];
        MediaTime capturedBefore = _room.Now;
        _room.Execute(new SetConsumerPreferences(_consumer, false, MaxWidth: 160));
        _room.Advance(17);                                     // frames arrive late from now on: the reports tell the truth
        Run(1, isKey: true);

        double elapsed = (_room.Now - capturedBefore).TotalSeconds - 0.017;
        SentRtp after = _viewer.Output.On(Video)[^1];
        Assert.Equal(1, after.Payload[^1]);
        Assert.InRange(after.Header.Timestamp.DistanceFrom(before.Header.Timestamp) / 90_000.0, elapsed - 0.002, elapsed + 0.002);
    }

    [Fact]
    public void OnRtp_PacketLostBeforeASwitch_IsResentAsItWas()
    {
        Run(1, isKey: true);
        Run(5);
        SentRtp lost = _viewer.Output.On(Video)[^2];
        _room.Execute(new SetConsumerPreferences(_consumer, false, MaxWidth: 160));
        Run(1, isKey: true);
        _viewer.SendRtcp((ref RtcpWriter writer) => writer.WriteNack(new Ssrc(1), Video, [lost.Header.SequenceNumber], out _));

        SentRtp resent = Assert.Single(_viewer.Output.On(Rtx));
        Assert.Equal(lost.Payload.ToArray(), resent.Payload[2..].ToArray());
        Assert.Equal(lost.Header.Timestamp, resent.Header.Timestamp);
    }

    [Fact]
    public void SetConsumerPreferences_Paused_SendsNothingAndResumesWithoutHole()
    {
        Run(1, isKey: true);
        Run(5);
        _room.Execute(new SetConsumerPreferences(_consumer, Paused: true));
        int count = _viewer.Output.Rtp.Count;
        Run(5);
        Assert.Equal(count, _viewer.Output.Rtp.Count);
        Assert.True(LastLayer().Paused);
        _room.Execute(new SetConsumerPreferences(_consumer, Paused: false));
        Run(1, isKey: true);
        Run(3);

        Assert.Equal(count + 4, _viewer.Output.Rtp.Count);
        Assert.False(LastLayer().Paused);
        AssertContinuous();
    }

    [Fact]
    public void SetCap_LowEncodingThenNothing_IsObeyedAndLifted()
    {
        Run(1, isKey: true);
        Run(5);
        _viewer.Routed.Consumers[0].SetCap(_room.Now, new LayerCap(0, int.MaxValue));
        Run(1, isKey: true);
        Run(2);
        Assert.Equal(1, _viewer.Output.On(Video)[^1].Payload[^1]);
        Assert.Equal(("q", false, ConsumerLayerReason.Bandwidth), (LastLayer().Rid, LastLayer().Paused, LastLayer().Reason));
        _viewer.Routed.Consumers[0].SetCap(_room.Now, new LayerCap(-1, 0));
        int count = _viewer.Output.On(Video).Count;
        Run(5, isKey: true);
        Assert.Equal(count, _viewer.Output.On(Video).Count);
        Assert.Equal((null, true, ConsumerLayerReason.Bandwidth), (LastLayer().Rid, LastLayer().Paused, LastLayer().Reason));
        _viewer.Routed.Consumers[0].SetCap(_room.Now, LayerCap.None);
        Run(1, isKey: true);

        Assert.Equal(3, _viewer.Output.On(Video)[^1].Payload[^1]);
        Assert.Equal(("f", false, ConsumerLayerReason.Preference), (LastLayer().Rid, LastLayer().Paused, LastLayer().Reason));
        AssertContinuous();
    }

    [Fact]
    public void OnRtp_EncodingChangesItsSsrc_GoesOnWithTheNewOne()
    {
        Run(1, isKey: true);
        Run(5);
        _high.Restart(0xB3);
        Run(1, isKey: true);
        Run(3);

        Assert.Equal(11, _viewer.Output.On(Video).Count);
        AssertContinuous();
    }

    private void Run(int frames, bool isKey = false)
    {
        for (int i = 0; i < frames; i++)
        {
            _low.SendFrame(isKey);
            _high.SendFrame(isKey);
            _room.Advance(33);
        }
    }

    private void Report(SimulcastSender sender, int delay)
    {
        NtpTime ntp = NtpTime.FromUnixNanoseconds(TestRoom.AnchorUnixNanoseconds + _room.Now.Nanoseconds - delay * 1_000_000L);
        _sender.SendRtcp((ref RtcpWriter writer) =>
            writer.WriteSenderReport(new Ssrc(sender.Ssrc), ntp, new RtpTimestamp(sender.Timestamp), 1, 1, default));
    }

    private ConsumerLayerChanged LastLayer() => _room.Events.OfType<ConsumerLayerChanged>().Last();

    private List<uint> PliTargets()
    {
        var targets = new List<uint>();
        foreach (byte[] compound in _sender.Output.Rtcp)
        {
            RtcpReader.Open(compound, out RtcpReader reader);
            while (reader.MoveNext(out RtcpPacket packet))
                if (PictureLossIndication.TryParse(packet, out PictureLossIndication pli) == Media.DropReason.None) targets.Add(pli.MediaSsrc.Value);
        }

        return targets;
    }

    /// <summary>Numbers, time stamps and picture numbers go up without a hole, whatever was switched.</summary>
    private void AssertContinuous()
    {
        List<SentRtp> sent = _viewer.Output.On(Video);
        for (int i = 1; i < sent.Count; i++)
        {
            Assert.Equal(sent[i - 1].Index + 1, sent[i].Index);
            int step = sent[i].Header.Timestamp.DistanceFrom(sent[i - 1].Header.Timestamp);
            Assert.InRange(step, 900, 90_000);
            Assert.Equal((PictureId(sent[i - 1]) + 1) & 0x7FFF, PictureId(sent[i]));
            Assert.Equal((byte)(sent[i - 1].Payload[4] + 1), sent[i].Payload[4]);
        }
    }

    private static int PictureId(SentRtp sent) => (sent.Payload[2] << 8 | sent.Payload[3]) & 0x7FFF;
}

/// <summary>One simulcast encoding of one frame per packet.</summary>
internal sealed class SimulcastSender(TestTransport sender, uint ssrc, string rid, int width, byte fill)
{
    private RtpMaker _maker = new(ssrc, TestRoom.Vp8Type, "v", rid);
    private int _asked;

    public uint Ssrc { get; private set; } = ssrc;

    public ushort Picture { get; set; }

    public byte Tl0 { get; set; }

    public uint Timestamp { get; set; }

    public bool IsSilent { get; set; }

    /// <summary>A PLI for this encoding came since the last call.</summary>
    public bool IsAskedForKeyFrame
    {
        get
        {
            int asked = 0;
            foreach (byte[] compound in sender.Output.Rtcp)
            {
                RtcpReader.Open(compound, out RtcpReader reader);
                while (reader.MoveNext(out RtcpPacket packet))
                    if (PictureLossIndication.TryParse(packet, out PictureLossIndication pli) == Media.DropReason.None && pli.MediaSsrc.Value == Ssrc) asked++;
            }

            bool isAsked = asked > _asked;
            _asked = asked;
            return isAsked;
        }
    }

    public void Restart(uint newSsrc)
    {
        Ssrc = newSsrc;
        _maker = new RtpMaker(newSsrc, TestRoom.Vp8Type, "v", rid) { Sequence = 40_000 };
        Timestamp += 1_000_000_000;
        Picture = 3;
    }

    public void SendFrame(bool isKey)
    {
        Timestamp += 2970;
        if (IsSilent) return;
        _maker.Timestamp = Timestamp;
        byte[] payload = Vp8Maker.Payload(Picture, Tl0, isKey: isKey, length: 300, fill: fill);
        if (isKey) payload[12] = (byte)(width & 0xFF);
        if (isKey) payload[13] = (byte)(width >> 8);
        Picture = (ushort)((Picture + 1) & 0x7FFF);
        Tl0++;
        sender.Send(_maker.Next(payload, marker: true));
    }
}
