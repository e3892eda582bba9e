using Sfu.Media.Rtcp;
using Sfu.Router.Pipes;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Pipes;

/// <summary>Simulcast through a pipe: an edge is sent the union of what its viewers want, each encoding once.</summary>
public sealed class PipedLayersTests : IDisposable
{
    private const uint Video = 0x9101, VideoRtx = 0x9102;
    private const int Low = 0, High = 1;

    private static readonly (int Width, int Height)[] Sizes = [(320, 180), (1280, 720)];

    private readonly PipedCall _call = new(atOrigin: 2, atEdge: 3);
    private readonly RtpMaker[] _encodings =
        [new(0x1110, TestRoom.Vp8Type, "v", "l"), new(0x1111, TestRoom.Vp8Type, "v", "h")];

    private readonly PipeChannel _channel;
    private int _plis;
    private ushort _picture;

    public PipedLayersTests()
    {
        ProducerParameters parameters = TestRoom.Video("v", "l", "h");
        _channel = _call.Connect(Sender, _call.Publish(Sender, parameters), parameters);
        Stream(seconds: 1);
    }

    private PipedClient Sender => _call.Origin.Clients[0];

    private List<PipedClient> Viewers => _call.Edge.Clients;

    public void Dispose() => _call.Dispose();

    [Fact]
    public void WantedEncodings_ViewersOfTwoSizes_CrossOnceEach()
    {
        Watch(Viewers[0]);
        Watch(Viewers[1]);
        Want(Watch(Viewers[2]), Sizes[Low]);
        Stream(seconds: 3);
        long before = Crossed;
        ClearReceived();
        Stream(seconds: 2);

        Assert.Equal(2 * 30 * 2, Crossed - before);        // two encodings, 30 frames a second, three viewers
        Assert.Equal(60, Received(Viewers[0], High));
        Assert.Equal(60, Received(Viewers[1], High));
        Assert.Equal(60, Received(Viewers[2], Low));
    }

    [Fact]
    public void WantedEncodings_OneSizeOnly_TheOtherDoesNotCross()
    {
        ConsumerId[] consumers = [.. Viewers.Select(Watch)];
        foreach (ConsumerId consumer in consumers) Want(consumer, Sizes[Low]);
        Stream(seconds: 3);
        long before = Crossed;
        Stream(seconds: 1);

        Assert.Equal(30, Crossed - before);
    }

    [Fact]
    public void WantedEncodings_NobodyWantsItAnyMore_EndsAfterTwoSecondsAndNotBefore()
    {
        ConsumerId consumer = Watch(Viewers[0]);
        Stream(seconds: 1);
        Want(consumer, Sizes[Low]);
        Stream(seconds: 0.5);                              // the low one has begun
        long before = Crossed;
        Stream(seconds: 1);
        Assert.Equal(60, Crossed - before);                // both: the window may be made larger again
        Stream(seconds: 2);
        before = Crossed;
        Stream(seconds: 1);
        Assert.Equal(30, Crossed - before);
    }

    [Fact]
    public void WantedEncodings_WantedAgain_CrossesAtOnceFromAKeyFrameOn()
    {
        ConsumerId consumer = Watch(Viewers[0]);
        Want(consumer, Sizes[Low]);
        Stream(seconds: 4);
        ClearReceived();
        Want(consumer, Sizes[High]);
        Assert.Equal(1, _call.Origin.Requests.OfType<RequestPipedKeyFrame>().Count(request => request.Encoding == High) - HighRequestsBefore);
        Stream(seconds: 1);

        Assert.True(Received(Viewers[0], High) > 25, $"{Received(Viewers[0], High)} of 30");
        List<ReceivedRtp> got = Viewers[0].On(Video);
        for (int i = 1; i < got.Count; i++) Assert.Equal(1, got[i].Header.SequenceNumber.DistanceFrom(got[i - 1].Header.SequenceNumber));
    }

    [Fact]
    public void WantedEncodings_UpperOneStopsAtTheSender_TheEdgeFallsBackAndReturns()
    {
        Watch(Viewers[0]);
        Stream(seconds: 2);
        Stream(seconds: 2, only: Low);
        ClearReceived();
        Stream(seconds: 1, only: Low);
        Assert.Equal(30, Received(Viewers[0], Low));
        Stream(seconds: 2);
        ClearReceived();
        Stream(seconds: 1);
        Assert.Equal(30, Received(Viewers[0], High));
    }

    [Fact]
    public void WantedEncodings_EverybodyPauses_NothingCrosses()
    {
        ConsumerId consumer = Watch(Viewers[0]);
        Stream(seconds: 1);
        _call.Edge.Execute(new SetConsumerPreferences(consumer, Paused: true));
        Stream(seconds: 3);
        long before = Crossed;
        Stream(seconds: 1);
        Assert.Equal(0, Crossed - before);
        ClearReceived();
        _call.Edge.Execute(new SetConsumerPreferences(consumer, Paused: false));
        Stream(seconds: 1);
        Assert.True(Received(Viewers[0], High) > 25, $"{Received(Viewers[0], High)} of 30");
    }

    private long Crossed => _call.Origin.Core.Counters.PipePacketsOut[1];

    private int HighRequestsBefore { get; set; }

    private ConsumerId Watch(PipedClient viewer) => _call.Subscribe(_call.Edge, viewer, _channel.Edge, TestRoom.VideoConsumer(Video, VideoRtx));

    private void Want(ConsumerId consumer, (int Width, int Height) size)
    {
        HighRequestsBefore = _call.Origin.Requests.OfType<RequestPipedKeyFrame>().Count(request => request.Encoding == High);
        _call.Edge.Execute(new SetConsumerPreferences(consumer, false, size.Width, size.Height));
    }

    /// <summary>30 frames a second of each encoding; a PLI is answered with the next frame.</summary>
    private void Stream(double seconds, int only = -1)
    {
        for (int i = 0; i < seconds * 30; i++)
        {
            bool isKey = Sender.Count(RtcpKind.PictureLoss) > _plis || _picture == 0;
            _plis = Sender.Count(RtcpKind.PictureLoss);
            _picture++;
            for (int e = 0; e < _encodings.Length; e++)
            {
                if (only >= 0 && e != only) continue;
                _encodings[e].Timestamp += 3000;
                byte[] payload = Vp8Maker.Payload(_picture, 0, isKey: isKey, length: 200, fill: (byte)(0xA0 + e));
                if (isKey) WriteSize(payload, Sizes[e]);
                Sender.SendRtp(_call.Now, _encodings[e].Next(payload, marker: true));
            }

            _call.Advance(i % 3 == 2 ? 34 : 33);
        }
    }

    private static void WriteSize(byte[] payload, (int Width, int Height) size)
    {
        (payload[12], payload[13]) = ((byte)size.Width, (byte)(size.Width >> 8));
        (payload[14], payload[15]) = ((byte)size.Height, (byte)(size.Height >> 8));
    }

    private void ClearReceived()
    {
        foreach (PipedClient viewer in Viewers) viewer.Rtp.Clear();
    }

    private static int Received(PipedClient viewer, int encoding) =>
        viewer.On(Video).Count(packet => packet.Payload[^1] == 0xA0 + encoding);
}
