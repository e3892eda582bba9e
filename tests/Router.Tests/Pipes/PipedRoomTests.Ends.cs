using Sfu.Media.Rtcp;
using Sfu.Router.Pipes;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Pipes;

/// <content>Full mailboxes, full pipes, and ends.</content>
public sealed partial class PipedRoomTests
{
    [Fact]
    public void RemoveProducer_AtTheEdge_EndsTheChannelAtTheOrigin()
    {
        PipeChannel channel = Connect(TestRoom.Audio("a"));
        _call.Subscribe(_call.Edge, Viewers[0], channel.Edge, TestRoom.AudioConsumer(Audio));
        SendAudio(5);
        _call.Edge.Execute(new RemoveProducer(channel.Edge));
        SendAudio(5);

        Assert.Equal(5, Viewers[0].On(Audio).Count);
        Assert.Equal(5, _call.Origin.Core.Counters.PipePacketsOut[0]);
        Assert.IsType<ClosePipe>(_call.Origin.Requests[^1]);
        Assert.Equal(1, Viewers[0].Count(RtcpKind.Goodbye));
    }

    [Fact]
    public void RemoveProducer_WhileTheOriginTakesNoMail_ClosesTheChannelLater()
    {
        PipeChannel channel = Connect(TestRoom.Audio("a"));
        SendAudio(1);
        _call.Origin.IsFull = true;
        _call.Edge.Execute(new RemoveProducer(channel.Edge));
        SendAudio(2);
        _call.Origin.IsFull = false;
        _call.Advance(2);
        long crossed = _call.Origin.Core.Counters.PipePacketsOut[0];
        SendAudio(3);

        Assert.Equal(crossed, _call.Origin.Core.Counters.PipePacketsOut[0]);
    }

    [Fact]
    public void AddPipedProducer_WhileTheOriginTakesNoMail_OpensWithinASecond()
    {
        _call.Origin.IsFull = true;
        PipeChannel channel = Connect(TestRoom.Audio("a"));
        _call.Subscribe(_call.Edge, Viewers[0], channel.Edge, TestRoom.AudioConsumer(Audio));
        SendAudio(2);
        Assert.Empty(Viewers[0].On(Audio));
        _call.Origin.IsFull = false;
        _call.Advance(1100);
        SendAudio(2);

        Assert.Equal(2, Viewers[0].On(Audio).Count);
    }

    [Fact]
    public void CloseTransport_OfThePublisher_LeavesAnEdgeThatSendsNothing()
    {
        PipeChannel channel = Connect(TestRoom.Audio("a"));
        _call.Subscribe(_call.Edge, Viewers[0], channel.Edge, TestRoom.AudioConsumer(Audio));
        SendAudio(5);
        _call.Origin.Execute(new CloseTransport(Sender.Virtual.Id));
        _call.Advance(3000);
        Assert.Equal(5, Viewers[0].On(Audio).Count);
        _call.Edge.Execute(new RemoveProducer(channel.Edge));       // as the control plane does when it hears of it

        Assert.Equal(1, Viewers[0].Count(RtcpKind.Goodbye));
        Assert.Empty(_call.Edge.Events.OfType<RoomFailed>());
    }

    [Fact]
    public void OnPacket_LateEdge_LosesWithoutHoldingUpTheOriginAndGoesOnWithAKeyFrame()
    {
        PipeChannel channel = Connect(TestRoom.Video("v"));
        Watch(Viewers[0], channel);
        Watch(Beside, channel, _call.Origin);
        SendFrame(isKey: true);
        _call.Edge.IsStuck = true;
        int before = Sender.Count(RtcpKind.PictureLoss);
        for (int i = 0; i < 3000; i++) SendFrame(isKey: false, length: 1100, milliseconds: 1);
        Assert.True(_call.Origin.Core.Counters.PipeLost > 1000, $"{_call.Origin.Core.Counters.PipeLost} lost");
        Assert.True(Sender.Count(RtcpKind.PictureLoss) > before);
        Assert.Equal(3001, Beside.On(Video).Count);        // the origin's own viewers lost nothing
        _call.Edge.IsStuck = false;
        _call.Advance(20);
        SendFrame(isKey: true);
        SendFrames(3);

        List<ReceivedRtp> got = Viewers[0].On(Video);
        for (int i = 1; i < got.Count; i++) Assert.Equal(1, got[i].Header.SequenceNumber.DistanceFrom(got[i - 1].Header.SequenceNumber));
        Assert.Equal(0x10, got[^4].Payload[6] & 0x11);     // what follows the loss is a key frame
        Assert.Equal(_call.Edge.Core.Counters.PipePacketsIn[1], _call.Origin.Core.Counters.PipePacketsOut[1]);
    }

    [Fact]
    public void SetProducerMuted_WhileThePipeIsFull_ReachesTheEdgeBeforeAnythingElse()
    {
        PipeChannel audio = Connect(TestRoom.Audio("a"));
        _call.Subscribe(_call.Edge, Viewers[0], audio.Edge, TestRoom.AudioConsumer(Audio));
        PipeChannel video = Connect(TestRoom.Video("v"));
        Watch(Viewers[0], video);
        SendAudio(3);
        SendFrame(isKey: true);
        _call.Edge.IsStuck = true;
        for (int i = 0; i < 3000; i++) SendFrame(isKey: false, length: 1100, milliseconds: 1);
        while (_call.Origin.Core.Counters.PipeLost < 5000) SendAudio(200, milliseconds: 1);     // the last bytes are taken as well
        int heard = Viewers[0].On(Audio).Count;
        _call.Origin.Execute(new SetProducerMuted(audio.Origin, Muted: true));
        SendAudio(3);
        _call.Edge.IsStuck = false;
        _call.Advance(1100);

        Assert.Contains(_call.Edge.Events.OfType<ConsumerLayerChanged>(), change => change is { Paused: true, Reason: ConsumerLayerReason.Muted });
        int then = Viewers[0].On(Audio).Count;
        SendAudio(3);
        Assert.Equal(then, Viewers[0].On(Audio).Count);
        Assert.True(then >= heard);
    }

    [Fact]
    public void End_OfEitherWorker_FreesThePipeAndLeavesTheOther()
    {
        PipeChannel channel = Connect(TestRoom.Audio("a"));
        _call.Subscribe(_call.Edge, Viewers[0], channel.Edge, TestRoom.AudioConsumer(Audio));
        _call.Subscribe(_call.Origin, Beside, channel.Origin, TestRoom.AudioConsumer(Audio));
        SendAudio(5);
        _call.Edge.End();
        SendAudio(5);
        Assert.Equal(10, Beside.On(Audio).Count);
        _call.Origin.Execute(new ReleasePipe(_call.Pipe, IsWriter: true));
        SendAudio(5);

        Assert.Equal(15, Beside.On(Audio).Count);
        Assert.True(_call.Pipe.Ring.IsFreed);
    }

    [Fact]
    public void ReleasePipe_ByBothEnds_FreesItsMemory()
    {
        PipeChannel channel = Connect(TestRoom.Audio("a"));
        SendAudio(5);
        _call.Edge.Execute(new RemoveProducer(channel.Edge));
        _call.Edge.Execute(new ReleasePipe(_call.Pipe, IsWriter: false));
        Assert.False(_call.Pipe.Ring.IsFreed);
        _call.Origin.Execute(new ReleasePipe(_call.Pipe, IsWriter: true));
        Assert.True(_call.Pipe.Ring.IsFreed);
        SendAudio(5);
        Assert.Equal(5, _call.Origin.Core.Counters.PipePacketsOut[0]);
    }

    [Fact]
    public void OpenPipe_OfATrackThatCameByPipe_IsRefused()
    {
        PipeChannel channel = Connect(TestRoom.Audio("a"));
        var back = new Pipe(_call.Edge, _call.Origin);
        var onward = new PipeChannel(back, channel.Edge, _call.NewProducer());
        _call.Origin.Execute(new AddPipedProducer(_call.Origin.Room, Sender.Virtual.Id, onward, TestRoom.Audio("a")));
        SendAudio(5);

        Assert.Equal(0, _call.Edge.Core.Counters.PipePacketsOut[0]);
        Assert.Equal(5, _call.Edge.Core.Counters.PipePacketsIn[0]);
    }
}
