using Sfu.Media.Rtp;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Layers;

/// <summary>VP8 with three temporal layers at 30 frames a second: 0 2 1 2.</summary>
public sealed class TemporalLayerTests : IDisposable
{
    private static readonly Ssrc Video = new(0x9001);
    private static readonly byte[] Pattern = [0, 2, 1, 2];

    private readonly TestRoom _room = new();
    private readonly TestTransport _sender, _viewer;
    private readonly ConsumerId _consumer;
    private readonly RtpMaker _maker = new(0x1111, TestRoom.Vp8Type, "v");
    private int _frame;
    private byte _tl0;

    public TemporalLayerTests()
    {
        _sender = _room.Join();
        _viewer = _room.Join();
        _consumer = _room.Subscribe(_viewer, _room.PublishVideo(_sender), TestRoom.VideoConsumer(Video.Value, 0x9002));
    }

    public void Dispose() => _room.Dispose();

    [Fact]
    public void SetConsumerPreferences_HalfTheFrames_LeavesTheTopLayerOutWithoutHoles()
    {
        Run(90);
        _room.Execute(new SetConsumerPreferences(_consumer, false, MaxFramesPerSecond: 15));
        int before = _viewer.Output.On(Video).Count;
        Run(60);

        List<SentRtp> sent = _viewer.Output.On(Video);
        Assert.Equal(30 * 2, sent.Count - before);             // two packets a frame
        Assert.All(sent[before..], packet => Assert.True(Layer(packet) <= 1));
        AssertContinuous(sent);
        Assert.Equal(1, LastLayer().TemporalLayer);
    }

    [Fact]
    public void SetConsumerPreferences_AllFramesAgain_WaitsForTheSwitchingPoint()
    {
        Run(90);
        _room.Execute(new SetConsumerPreferences(_consumer, false, MaxFramesPerSecond: 8));
        Run(60);
        _room.Execute(new SetConsumerPreferences(_consumer, false));
        int before = _viewer.Output.On(Video).Count;
        Run(6, isSync: false);
        Assert.All(_viewer.Output.On(Video)[before..], packet => Assert.Equal(0, Layer(packet)));
        Run(30);

        List<SentRtp> sent = _viewer.Output.On(Video);
        Assert.Contains(sent[before..], packet => Layer(packet) == 2);
        Assert.True(sent.FindIndex(before, packet => Layer(packet) == 1) < sent.FindIndex(before, packet => Layer(packet) == 2));
        AssertContinuous(sent);
    }

    [Fact]
    public void OnRtp_LateFirstPacketOfALeftOutFrame_IsReplacedByAnEmptyOne()
    {
        Run(90);
        _room.Execute(new SetConsumerPreferences(_consumer, false, MaxFramesPerSecond: 15));
        Run(2);                                                // 90 % 4 == 2: frames of layer 1 and 2
        _viewer.Output.Clear();
        Run(1);                                                // layer 0
        byte[][] left = Frame(isKey: false, isSync: false);    // layer 2: its first packet comes late
        _sender.Send(left[1]);
        _room.Advance(33);
        Run(1);                                                // layer 1
        _sender.Send(left[0]);

        List<SentRtp> sent = _viewer.Output.On(Video);
        Assert.Equal([0UL, 1, 3, 4, 2], sent.Select(packet => packet.Index - sent[0].Index));
        Assert.Equal(0, sent[4].Payload.Length);
        Assert.Equal(PictureId(sent[0]) + 1, PictureId(sent[2]));
    }

    private void Run(int frames, bool isSync = true)
    {
        for (int i = 0; i < frames; i++)
        {
            foreach (byte[] packet in Frame(_frame == 0, isSync)) _sender.Send(packet);
            _room.Advance(33);
        }
    }

    private byte[][] Frame(bool isKey, bool isSync)
    {
        byte layer = Pattern[_frame % 4];
        if (layer == 0) _tl0++;
        _maker.Timestamp += 3000;
        ushort picture = (ushort)((32_700 + _frame++) & 0x7FFF);
        return
        [
            _maker.Next(Vp8Maker.Payload(picture, _tl0, layer, isKey, isSync: isSync && layer > 0)),
            _maker.Next(Vp8Maker.Payload(picture, _tl0, layer, isKey, isStart: false, isSync: isSync && layer > 0), marker: true),
        ];
    }

    private ConsumerLayerChanged LastLayer() => _room.Events.OfType<ConsumerLayerChanged>().Last();

    private static void AssertContinuous(List<SentRtp> sent)
    {
        for (int i = 1; i < sent.Count; i++)
        {
            Assert.Equal(sent[i - 1].Index + 1, sent[i].Index);
            bool isSameFrame = sent[i].Header.Timestamp == sent[i - 1].Header.Timestamp;
            Assert.Equal((PictureId(sent[i - 1]) + (isSameFrame ? 0 : 1)) & 0x7FFF, PictureId(sent[i]));
        }
    }

    private static int Layer(SentRtp sent) => sent.Payload[5] >> 6;

    private static int PictureId(SentRtp sent) => (sent.Payload[2] << 8 | sent.Payload[3]) & 0x7FFF;
}
