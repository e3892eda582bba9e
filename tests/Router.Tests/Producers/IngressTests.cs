using Sfu.Media;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Producers;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;

namespace Sfu.Router.Tests.Producers;

public sealed class IngressTests : IDisposable
{
    private static readonly Ssrc Video = new(0x9001);

    private readonly TestRoom _room = new(ingress: new IngressLimits(Bitrate.FromKilobits(5000), Bitrate.FromKilobits(6000)));
    private readonly TestTransport _sender, _viewer;
    private ushort _picture = 1;

    public IngressTests()
    {
        _sender = _room.Join();
        _viewer = _room.Join();
    }

    public void Dispose() => _room.Dispose();

    [Fact]
    public void OnRtp_TenTimesTheLimit_ForwardsWholeFramesUpToIt()
    {
        var video = new RtpMaker(0x1111, TestRoom.Vp8Type, "v");
        _room.Subscribe(_viewer, _room.PublishVideo(_sender), TestRoom.VideoConsumer(Video.Value, 0x9002));
        for (int frame = 0; frame < 300; frame++) Send(video, packets: 175, isKey: frame % 30 == 0);   // 50 Mbps

        double megabits = _viewer.Output.On(Video).Sum(sent => sent.Bytes.Length) * 8 / 1e6 / 10;
        Assert.InRange(megabits, 2.5, 5.5);
        Assert.True(_room.Counters.Dropped[(int)DropReason.RateLimited] > 40_000);
        List<SentRtp> forwarded = _viewer.Output.On(Video);
        foreach (var frame in forwarded.GroupBy(sent => sent.Header.Timestamp)) Assert.Equal(175, frame.Count());
        for (int i = 1; i < forwarded.Count; i++) Assert.Equal(forwarded[i - 1].Index + 1, forwarded[i].Index);
    }

    [Fact]
    public void OnRtp_WithinTheLimit_DropsNothing()
    {
        var video = new RtpMaker(0x1111, TestRoom.Vp8Type, "v");
        _room.Subscribe(_viewer, _room.PublishVideo(_sender), TestRoom.VideoConsumer(Video.Value, 0x9002));
        for (int frame = 0; frame < 300; frame++) Send(video, packets: frame % 60 == 0 ? 100 : 14, isKey: frame == 0);

        Assert.Equal(0, _room.Counters.Dropped[(int)DropReason.RateLimited]);
    }

    [Fact]
    public void OnRtp_ThreeTracks_ShareTheParticipantsLimit()
    {
        ProducerId[] producers = [.. Enumerable.Range(0, 3).Select(i => _room.Publish(_sender, TestRoom.Video($"v{i}")))];
        RtpMaker[] makers = [.. Enumerable.Range(0, 3).Select(i => new RtpMaker((uint)(0x1111 + i), TestRoom.Vp8Type, $"v{i}"))];
        for (uint i = 0; i < 3; i++) _room.Subscribe(_viewer, producers[i], TestRoom.VideoConsumer(0x9001 + 2 * i, 0x9002 + 2 * i));
        for (int frame = 0; frame < 300; frame++)
            foreach (RtpMaker maker in makers) Send(maker, packets: 14, isKey: frame % 30 == 0, milliseconds: 11);

        double megabits = _viewer.Output.Rtp.Sum(sent => sent.Bytes.Length) * 8 / 1e6 / 10;
        Assert.InRange(megabits, 4, 6.6);
    }

    [Fact]
    public void OnRtp_SimulcastOverTheLimit_StopsTheTopAndKeepsTheLowEncoding()
    {
        _room.Publish(_sender, TestRoom.Video("v", "q", "f"));
        RtpMaker low = new(0xA1, TestRoom.Vp8Type, "v", "q"), high = new(0xA3, TestRoom.Vp8Type, "v", "f");
        for (int frame = 0; frame < 300; frame++)
        {
            Send(low, packets: 2, isKey: frame == 0, milliseconds: 1);
            Send(high, packets: 40, isKey: frame % 30 == 0, milliseconds: 32);     // 11 Mbps
        }

        RtpStream[] streams = [.. _sender.Routed.Producers[0].Streams.ToArray().OfType<RtpStream>()];
        Assert.Equal(300, streams[0].Activity.FrameCount);
        Assert.InRange(streams[1].Activity.FrameCount, 30, 150);
    }

    private void Send(RtpMaker video, int packets, bool isKey, int milliseconds = 33)
    {
        video.Timestamp += 3000;
        for (int i = 0; i < packets; i++)
            _sender.SendDeferred(video.Next(Vp8Maker.Payload(_picture, (byte)_picture, isKey: isKey, isStart: i == 0, length: 1150), marker: i == packets - 1));
        _picture++;
        _room.EndTurn();
        _room.Advance(milliseconds);
    }
}
