using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.KeyFrames;

public sealed class KeyFrameFoldingTests : IDisposable
{
    private readonly TestRoom _room = new();
    private readonly TestTransport _sender;
    private readonly ProducerId _producer;
    private readonly RtpMaker _video = new(0x1111, TestRoom.Vp8Type, "v");
    private ushort _picture = 1;
    private int _answered;
    private uint _nextSsrc = 0x9000;

    public KeyFrameFoldingTests()
    {
        _sender = _room.Join();
        _producer = _room.PublishVideo(_sender);
        Run(30);
        _sender.Output.Clear();
        _answered = 0;
    }

    public void Dispose() => _room.Dispose();

    [Fact]
    public void Joins_TwentyWithinASecond_CauseAtMostTwoPlisAndAllSeeAPictureInTime()
    {
        var viewers = new List<(TestTransport Viewer, Sfu.Media.Time.MediaTime JoinedAt)>();
        for (int i = 0; i < 20; i++)
        {
            viewers.Add((JoinViewer(), _room.Now));
            RunFor(50);
            AssertLatency(viewers);
        }

        RunFor(1000);
        AssertLatency(viewers);
        Assert.InRange(_sender.Output.Count(RtcpKind.PictureLoss), 1, 2);
        Assert.All(viewers, viewer => Assert.NotEmpty(viewer.Viewer.Output.Rtp));
    }

    [Fact]
    public void OnRtcp_FortyNineViewersAskAHundredTimesASecond_SenderIsAskedTwicePerSecondAtMost()
    {
        var viewers = Enumerable.Range(0, 49).Select(_ => JoinViewer()).ToList();
        RunFor(500);
        _sender.Output.Clear();
        _answered = 0;
        for (int round = 0; round < 60 * 100; round++)
        {
            foreach (TestTransport viewer in viewers)
            {
                Ssrc ssrc = viewer.Output.Rtp[0].Header.Ssrc;
                viewer.SendRtcp((ref RtcpWriter writer) => writer.WritePictureLoss(new Ssrc(1), ssrc));
            }

            _room.Advance(10);
            if (round % 3 == 0) Frame();
        }

        Assert.InRange(_sender.Output.Count(RtcpKind.PictureLoss), 1, 120);
    }

    [Fact]
    public void OnRtcp_OneViewerAsksOften_IsHeardThreeTimesInTenSeconds()
    {
        TestTransport viewer = JoinViewer();
        RunFor(1000);
        _sender.Output.Clear();
        _answered = 0;
        for (int i = 0; i < 9; i++)
        {
            viewer.SendRtcp((ref RtcpWriter writer) => writer.WriteFullIntraRequest(new Ssrc(1), [new FirEntry(viewer.Output.Rtp[0].Header.Ssrc, 7)]));
            RunFor(1000);
        }

        Assert.Equal(3, _sender.Output.Count(RtcpKind.PictureLoss));
    }

    [Fact]
    public void Begin_KeyFrameJustCame_IsReplayedFromTheRing()
    {
        JoinViewer();
        RunFor(200);                                           // the first joiner's key frame is less than 0.2 s old
        int asked = _sender.Output.Count(RtcpKind.PictureLoss);
        TestTransport late = JoinViewer();

        Assert.True(late.Output.Rtp.Count >= 2, "the key frame and what followed");
        Assert.Equal(0, late.Output.Rtp[0].Payload[6] & 1);
        Assert.Equal(asked, _sender.Output.Count(RtcpKind.PictureLoss));
        Run(3);
        List<SentRtp> sent = late.Output.Rtp;
        for (int i = 1; i < sent.Count; i++) Assert.Equal(sent[i - 1].Index + 1, sent[i].Index);
    }

    [Fact]
    public void SetProducerMuted_KeyFrameWhileMuted_IsNeverShown()
    {
        TestTransport viewer = JoinViewer();
        RunFor(300);
        _room.Execute(new SetProducerMuted(_producer, true));
        int count = viewer.Output.Rtp.Count;
        Frame(isKey: true);
        Frame();
        _room.Execute(new SetProducerMuted(_producer, false));
        JoinViewer();

        Assert.Equal(count, viewer.Output.Rtp.Count);
        Assert.True(_room.Counters.Dropped[(int)Media.DropReason.Muted] >= 2);
        RunFor(700);
        Assert.True(viewer.Output.Rtp.Count > count);
        Assert.Equal(0, viewer.Output.Rtp[count].Payload[6] & 1);  // a key frame made after the unmuting
    }

    [Fact]
    public void SetProducerMuted_LateFirstPacketAfterUnmuting_BringsNothingOfTheMutedTime()
    {
        TestTransport viewer = JoinViewer();
        RunFor(300);
        _room.Execute(new SetProducerMuted(_producer, true));
        int count = viewer.Output.Rtp.Count;
        _video.Timestamp += 3000;
        byte[] first = _video.Next(Vp8Maker.Payload(_picture, (byte)_picture, isKey: true));
        byte[] second = _video.Next(Vp8Maker.Payload(_picture, (byte)_picture, isKey: true, isStart: false, fill: 0x66), marker: true);
        _picture++;
        _sender.Send(second);
        _room.Advance(5);
        _room.Execute(new SetProducerMuted(_producer, false));
        _sender.Send(first);

        SentRtp sent = Assert.Single(viewer.Output.Rtp[count..]);
        Assert.NotEqual(0x66, sent.Payload[^1]);
    }

    private TestTransport JoinViewer()
    {
        TestTransport viewer = _room.Join();
        _room.Subscribe(viewer, _producer, TestRoom.VideoConsumer(_nextSsrc++, _nextSsrc++));
        return viewer;
    }

    private void AssertLatency(List<(TestTransport Viewer, Sfu.Media.Time.MediaTime JoinedAt)> viewers)
    {
        foreach ((TestTransport viewer, Sfu.Media.Time.MediaTime joinedAt) in viewers)
            Assert.True(viewer.Output.Rtp.Count > 0 || _room.Now - joinedAt < TimeSpan.FromSeconds(1), "a picture within a second");
    }

    private void Run(int frames)
    {
        for (int i = 0; i < frames; i++)
        {
            Frame();
            _room.Advance(33);
        }
    }

    private void RunFor(int milliseconds)
    {
        for (int i = 0; i < milliseconds; i += 33)
        {
            Frame();
            _room.Advance(Math.Min(33, milliseconds - i));
        }
    }

    /// <summary>Sends a frame; a PLI is answered with the next one.</summary>
    private void Frame(bool isKey = false)
    {
        int asked = _sender.Output.Count(RtcpKind.PictureLoss);
        isKey |= asked > _answered || _picture == 1;
        _answered = Math.Max(asked, _answered);
        _video.Timestamp += 3000;
        _sender.Send(_video.Next(Vp8Maker.Payload(_picture, (byte)_picture, isKey: isKey), marker: true));
        _picture++;
    }
}
