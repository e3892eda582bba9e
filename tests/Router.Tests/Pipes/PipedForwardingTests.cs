using Sfu.Media.Rtcp;
using Sfu.Router.Pipes;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Pipes;

/// <summary>Sound and one encoding of video of a publisher on one worker, seen on another.</summary>
public sealed class PipedForwardingTests : IDisposable
{
    private const uint Audio = 0x9001, Video = 0x9101, VideoRtx = 0x9102;

    private readonly PipedCall _call = new(atOrigin: 2, atEdge: 3);
    private readonly RtpMaker _audio = new(0x2222, TestRoom.OpusType, "a");
    private readonly RtpMaker _video = new(0x1111, TestRoom.Vp8Type, "v");
    private ushort _picture;

    private PipedClient Sender => _call.Origin.Clients[0];

    public void Dispose() => _call.Dispose();

    [Fact]
    public void OnPacket_AudioOfAnotherWorker_ReachesEveryViewerAndCrossesOnce()
    {
        PipeChannel channel = Connect(TestRoom.Audio("a"));
        foreach (PipedClient viewer in _call.Edge.Clients) _call.Subscribe(_call.Edge, viewer, channel.Edge, TestRoom.AudioConsumer(Audio));
        _call.Subscribe(_call.Origin, _call.Origin.Clients[1], channel.Origin, TestRoom.AudioConsumer(Audio));
        SendAudio(50);

        Assert.All([.. _call.Edge.Clients, _call.Origin.Clients[1]], viewer =>
        {
            List<ReceivedRtp> got = viewer.On(Audio);
            Assert.Equal(50, got.Count);
            for (int i = 0; i < got.Count; i++) Assert.Equal((byte)i, got[i].Payload[1]);
            for (int i = 1; i < got.Count; i++) Assert.Equal(1, got[i].Header.SequenceNumber.DistanceFrom(got[i - 1].Header.SequenceNumber));
        });
        Assert.Equal(50, _call.Origin.Core.Counters.PipePacketsOut[0]);
        Assert.Equal(50, _call.Edge.Core.Counters.PipePacketsIn[0]);
        Assert.Equal(50, _call.Origin.Core.Counters.PacketsReceived[0]);
        Assert.Equal(0, _call.Edge.Core.Counters.PacketsReceived[0]);
        Assert.Equal(0, _call.Edge.Core.Counters.Producers[0]);
    }

    [Fact]
    public void OnPacket_VideoOfAnotherWorker_BeginsWithTheKeyFrameThatWasAskedFor()
    {
        PipeChannel channel = Connect(TestRoom.Video("v"));
        SendFrames(5);                                     // nobody at the edge yet: nothing crosses
        Assert.Equal(0, _call.Origin.Core.Counters.PipePacketsOut[1]);
        _call.Subscribe(_call.Edge, _call.Edge.Clients[0], channel.Edge, TestRoom.VideoConsumer(Video, VideoRtx));
        Assert.Equal(1, Sender.Count(RtcpKind.PictureLoss));
        SendFrames(3);
        Assert.Equal(0, _call.Origin.Core.Counters.PipePacketsOut[1]);   // of no use before a key frame
        SendFrame(isKey: true);
        SendFrames(10);

        List<ReceivedRtp> got = _call.Edge.Clients[0].On(Video);
        Assert.Equal(11, got.Count);
        Assert.Equal(0x10, got[0].Payload[6] & 0x11);      // the key frame
        Assert.Equal(11, _call.Origin.Core.Counters.PipePacketsOut[1]);
    }

    private PipeChannel Connect(ProducerParameters parameters) =>
        _call.Connect(Sender, _call.Publish(Sender, parameters), parameters);

    private void SendAudio(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _audio.Timestamp += 960;
            _call.Send(Sender, _audio.Next([0x78, (byte)i, 3]), milliseconds: 20);
        }
    }

    private void SendFrames(int count)
    {
        for (int i = 0; i < count; i++) SendFrame(isKey: false);
    }

    private void SendFrame(bool isKey)
    {
        _video.Timestamp += 3000;
        _picture++;
        _call.Send(Sender, _video.Next(Vp8Maker.Payload(_picture, 0, isKey: isKey), marker: true), milliseconds: 33);
    }
}
