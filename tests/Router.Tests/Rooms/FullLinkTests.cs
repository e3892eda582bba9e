using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Rooms;

/// <summary>A viewer behind a link that cannot keep up (ICE-TCP): whole frames are dropped, sound goes on, and a key frame ends it.</summary>
public sealed class FullLinkTests : IDisposable
{
    private readonly VirtualCall _call = new(2, SrtpProfile.AeadAes128Gcm);
    private readonly RtpMaker _video = new(0x1111, TestRoom.Vp8Type, "v"), _audio = new(0x2222, TestRoom.OpusType, "a");
    private readonly Dictionary<uint, int> _received = [];
    private int _keyFrameRequests;
    private ushort _picture = 1;

    public FullLinkTests()
    {
        _call.Execute(new AddProducer(_call.Clients[0].Id, new ProducerId(1), TestRoom.Video("v")));
        _call.Execute(new AddProducer(_call.Clients[0].Id, new ProducerId(2), TestRoom.Audio("a")));
        _call.Execute(new AddConsumer(_call.Clients[1].Id, new ConsumerId(1), new ProducerId(1), TestRoom.VideoConsumer(0x9001, 0x9002)));
        _call.Execute(new AddConsumer(_call.Clients[1].Id, new ConsumerId(2), new ProducerId(2), TestRoom.AudioConsumer(0x9003)));
        _call.Sink.Receiver = OnDatagram;
    }

    public void Dispose() => _call.Dispose();

    [Fact]
    public void EndTurn_LinkFull_DropsVideoUntilAKeyFrameAfterItIsFree()
    {
        Frame(isKey: true);
        Frame();
        Assert.Equal(2, _received[0x9001]);
        _call.Now += TimeSpan.FromSeconds(1);
        _call.Sink.CongestedPort = _call.Clients[1].Address.Port;
        for (int i = 0; i < 5; i++) Frame();
        Assert.Equal(2, _received[0x9001]);
        Assert.Equal(7, _received[0x9003]);
        Assert.Equal(1, _call.Core.Counters.Dropped[(int)Media.DropReason.SendQueueFull]);
        Assert.Equal(0, _keyFrameRequests);
        _call.Sink.CongestedPort = 0;
        Frame();
        Assert.Equal(1, _keyFrameRequests);
        Frame(isKey: true);
        Frame();

        Assert.Equal(4, _received[0x9001]);
        Assert.Equal(10, _received[0x9003]);
    }

    private void Frame(bool isKey = false)
    {
        _call.Now += TimeSpan.FromMilliseconds(33);
        _video.Timestamp += 3000;
        ushort video = _video.Sequence, audio = _audio.Sequence;
        _call.Clients[0].SendRtp(_call.Now, _video.Next(Vp8Maker.Payload(_picture, (byte)_picture, isKey: isKey), marker: true), video);
        _call.Clients[0].SendRtp(_call.Now, _audio.Next([0x78, 1]), audio);
        _picture++;
        _call.Core.EndTurn(_call.Now);
    }

    private void OnDatagram(in Sfu.Media.Ice.TransportAddress to, Span<byte> datagram)
    {
        if (datagram[1] is >= 192 and <= 223)
        {
            if (to.Port != _call.Clients[0].Address.Port) return;
            Assert.Equal(Media.DropReason.None, _call.Clients[0].Receiver.UnprotectRtcp(datagram, datagram, out int length));
            Assert.Equal(Media.DropReason.None, RtcpReader.Open(datagram[..length], out RtcpReader reader));
            while (reader.MoveNext(out RtcpPacket packet))
                if (packet.Kind == RtcpKind.PictureLoss) _keyFrameRequests++;
            return;
        }

        RtpHeader.Parse(datagram, out RtpHeader header);
        _received[header.Ssrc.Value] = _received.GetValueOrDefault(header.Ssrc.Value) + 1;
    }
}
