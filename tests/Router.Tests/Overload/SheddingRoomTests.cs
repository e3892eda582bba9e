using Sfu.Media.Rtp;
using Sfu.Router.Overload;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Overload;

/// <summary>What each step leaves of a room: two cameras of three encodings and three temporal layers, a screen of one, sound.</summary>
public sealed class SheddingRoomTests : IDisposable
{
    private readonly BusyRoom _room = new(viewers: 1);

    public SheddingRoomTests() => _room.Run(3000);

    public void Dispose() => _room.Dispose();

    [Theory]
    [InlineData(ShedStep.None, 30, 2, 30, 2)]
    [InlineData(ShedStep.Repairs, 30, 2, 30, 2)]
    [InlineData(ShedStep.TopTemporalLayer, 15, 2, 15, 2)]
    [InlineData(ShedStep.TemporalLayers, 7.5, 2, 7.5, 2)]
    [InlineData(ShedStep.TopEncoding, 7.5, 1, 7.5, 1)]
    [InlineData(ShedStep.Encodings, 7.5, 0, 7.5, 0)]
    [InlineData(ShedStep.Cameras, 7.5, 0, 0, -1)]
    [InlineData(ShedStep.AllCameras, 0, -1, 0, -1)]
    [InlineData(ShedStep.AllVideo, 0, -1, 0, -1)]
    public void Step_LeavesOfVideoWhatItSays(ShedStep step, double speakerFrames, int speakerEncoding, double otherFrames, int otherEncoding)
    {
        _room.Shed(step);
        _room.Run(1000);
        _room.Clear();
        _room.Run(2000);

        AssertVideo(_room.SpeakerCamera, speakerFrames, speakerEncoding);
        AssertVideo(_room.OtherCamera, otherFrames, otherEncoding);
        AssertVideo(_room.Screen, step == ShedStep.AllVideo ? 0 : 30, 0);
        Assert.Equal(100, _room.Received(_room.SpeakerSound).Count);    // 2 s of 20 ms, in any step
        Assert.Equal(100, _room.Received(_room.OtherSound).Count);
    }

    [Fact]
    public void Steps_ThereAndBack_LeaveNoHoleInAnyNumber()
    {
        foreach (ShedStep step in Enum.GetValues<ShedStep>().Concat(Enum.GetValues<ShedStep>().Reverse()))
        {
            _room.Shed(step);
            _room.Run(500);
        }

        foreach (Ssrc ssrc in new[] { _room.SpeakerCamera, _room.OtherCamera, _room.Screen, _room.SpeakerSound, _room.OtherSound })
        {
            List<SentRtp> sent = _room.Received(ssrc);
            for (int i = 1; i < sent.Count; i++) Assert.Equal(sent[i - 1].Index + 1, sent[i].Index);
        }

        _room.Clear();
        _room.Run(2000);
        AssertVideo(_room.OtherCamera, 30, 2);
    }

    [Fact]
    public void Shed_TemporalLayers_AsksForNoKeyFrame()
    {
        _room.TakeKeyFrameRequests();
        foreach (ShedStep step in new[] { ShedStep.Repairs, ShedStep.TopTemporalLayer, ShedStep.TemporalLayers, ShedStep.TopTemporalLayer, ShedStep.None })
        {
            _room.Shed(step);
            _room.Run(1000);
        }

        Assert.Equal(0, _room.TakeKeyFrameRequests());
        _room.Shed(ShedStep.TopEncoding);
        _room.Run(1000);
        Assert.InRange(_room.TakeKeyFrameRequests(), 1, 2);   // the two cameras; the screen has one encoding
    }

    [Fact]
    public void Shed_Events_SayThatTheWorkerIsTheReasonAndWhenItIsOver()
    {
        _room.Shed(ShedStep.TemporalLayers);
        _room.Run(1000);
        Assert.Equal((2, 0, false, ConsumerLayerReason.Overload), LastLayer(_room.OtherCameraConsumer));
        _room.Shed(ShedStep.Cameras);
        _room.Run(1000);
        Assert.Equal((-1, 0, true, ConsumerLayerReason.Overload), LastLayer(_room.OtherCameraConsumer));
        _room.Shed(ShedStep.None);
        _room.Run(2000);

        Assert.Equal((2, 2, false, ConsumerLayerReason.Preference), LastLayer(_room.OtherCameraConsumer));
    }

    [Fact]
    public void Cameras_SomebodyElseSpeaks_TheCameraFollows()
    {
        _room.Shed(ShedStep.Cameras);
        _room.Run(1000);
        _room.SwapSpeakers();
        _room.Run(4000);
        _room.Clear();
        _room.Run(2000);

        Assert.Empty(_room.Received(_room.SpeakerCamera));
        AssertVideo(_room.OtherCamera, 7.5, 0);
    }

    [Fact]
    public void AllVideo_Recorded_TheTapStillGetsEveryPacket()
    {
        var tap = new CountingTap();
        Assert.True(_room.Room.Execute(new AddTap(_room.OtherCameraProducer, tap)));
        _room.Shed(ShedStep.AllVideo);
        _room.Clear();
        _room.Run(2000);

        Assert.Empty(_room.Received(_room.OtherCamera));
        Assert.InRange(tap.Packets, 3 * 59, 3 * 61);       // every frame of every encoding
    }

    [Fact]
    public void Joined_WhileShedding_IsSentNoMoreThanTheOthers()
    {
        _room.Shed(ShedStep.AllCameras);
        TestTransport late = _room.AddViewer();
        _room.Run(1000);

        Assert.NotEmpty(late.Output.On(_room.SpeakerSound));
        Assert.NotEmpty(late.Output.On(_room.Screen));
        Assert.Empty(late.Output.On(_room.SpeakerCamera));
    }

    [Fact]
    public void Repairs_ViewerThatLosesMuch_GetsASixteenthOfVideoAgainAndAllOfItsSound()
    {
        long unlimited = Resent(ShedStep.None);
        long limited = Resent(ShedStep.Repairs);

        Assert.InRange((double)unlimited / limited, 3.0, 5.0);   // a quarter against a sixteenth
        Assert.True(_room.Room.Shedding.RepairsShed > 0);
    }

    private long Resent(ShedStep step)
    {
        _room.Shed(step);
        _room.AskAgainForEverything = true;
        _room.Run(5000);                                   // uses up the burst
        long before = _room.Room.Counters.Retransmissions;
        _room.Run(10_000);
        _room.AskAgainForEverything = false;
        return _room.Room.Counters.Retransmissions - before;
    }

    private void AssertVideo(Ssrc ssrc, double framesPerSecond, int encoding, double seconds = 2)
    {
        List<SentRtp> sent = _room.Received(ssrc);
        Assert.InRange(sent.Count, framesPerSecond * seconds * 0.9 - 1, framesPerSecond * seconds * 1.1 + Math.Sign(framesPerSecond));
        Assert.All(sent, packet => Assert.Equal(encoding, packet.Payload[^1]));
    }

    private (int Encoding, int Temporal, bool Paused, ConsumerLayerReason Reason) LastLayer(ConsumerId consumer)
    {
        ConsumerLayerChanged last = _room.Room.Events.OfType<ConsumerLayerChanged>().Last(change => change.Consumer == consumer);
        return (last.Rid is { } rid ? Array.IndexOf(BusyRoom.Rids, rid) : -1, last.TemporalLayer, last.Paused, last.Reason);
    }
}
