using Sfu.Media;
using Sfu.Media.Rtp;
using Sfu.Router.Producers;
using Sfu.Router.Tests.Rooms;

namespace Sfu.Router.Tests.Producers;

public sealed class StreamLearnerTests : IDisposable
{
    private readonly TestRoom _room = new();
    private readonly TestTransport _sender;

    public StreamLearnerTests() => _sender = _room.Join();

    public void Dispose() => _room.Dispose();

    [Theory]
    [InlineData("q", 0)]
    [InlineData("f", 1)]
    public void TryPlace_MidAndRid_NamesTheEncoding(string rid, int encoding)
    {
        _room.PublishVideo(_sender, "q", "f");
        Assert.Equal(DropReason.None, Place(new RtpMaker(1, TestRoom.Vp8Type, "v", rid), out StreamPlace place));
        Assert.Equal((encoding, false), (place.Encoding, place.IsRtx));
    }

    [Fact]
    public void TryPlace_RepairedRid_NamesTheStreamItRepairs()
    {
        _room.PublishVideo(_sender, "q", "f");
        Assert.Equal(DropReason.None, Place(new RtpMaker(1, TestRoom.Vp8RtxType, "v") { RepairedRid = "f" }, out StreamPlace place));
        Assert.Equal((1, true), (place.Encoding, place.IsRtx));
    }

    [Fact]
    public void TryPlace_ListedSsrcs_NeedNeitherMidNorRid()
    {
        _room.Publish(_sender, TestRoom.Video("v") with { Encodings = [new("q", new Ssrc(5), new Ssrc(6)), new("f", new Ssrc(7), new Ssrc(8))] });
        _room.Publish(_sender, TestRoom.Video("w") with { Encodings = [new(null, new Ssrc(9), new Ssrc(10))] });

        Assert.Equal(DropReason.None, Place(new RtpMaker(8, TestRoom.Vp8RtxType), out StreamPlace rtx));
        Assert.Equal((1, true), (rtx.Encoding, rtx.IsRtx));
        Assert.Equal(DropReason.None, Place(new RtpMaker(9, TestRoom.Vp8Type), out StreamPlace second));
        Assert.Equal("w"u8.ToArray(), second.Producer.Mid);
        Assert.Equal(DropReason.UnknownSsrc, Place(new RtpMaker(11, TestRoom.Vp8Type), out _));      // two producers have the type
    }

    [Fact]
    public void TryPlace_SimulcastWithoutRid_IsUnknown()
    {
        _room.PublishVideo(_sender, "q", "f");
        Assert.Equal(DropReason.UnknownSsrc, Place(new RtpMaker(1, TestRoom.Vp8Type, "v"), out _));
        Assert.Equal(DropReason.UnknownSsrc, Place(new RtpMaker(1, TestRoom.Vp8Type, "v", "x"), out _));
    }

    [Fact]
    public void TryPlace_PayloadTypeOfAnotherKind_IsRefused()
    {
        _room.PublishVideo(_sender);
        Assert.Equal(DropReason.UnknownPayloadType, Place(new RtpMaker(1, TestRoom.OpusType, "v"), out _));
    }

    [Fact]
    public void OnRtp_RtxBeforeItsStream_IsNotLearnt()
    {
        _room.PublishVideo(_sender);
        var rtx = new RtpMaker(2, TestRoom.Vp8RtxType, "v");
        _sender.Send(rtx.Repair(5, Vp8Maker.Payload(1, 1)));
        Assert.Equal(1, _room.Counters.Dropped[(int)DropReason.RtxWithoutOriginal]);
        _sender.Send(new RtpMaker(1, TestRoom.Vp8Type, "v").Next(Vp8Maker.Payload(1, 1, isKey: true)));
        _sender.Send(rtx.Repair(999, Vp8Maker.Payload(1, 1)));

        Assert.Equal(1, _room.Counters.Dropped[(int)DropReason.RtxWithoutOriginal]);
    }

    private DropReason Place(RtpMaker maker, out StreamPlace place)
    {
        byte[] packet = maker.Next([1, 2, 3]);
        Assert.Equal(DropReason.None, RtpHeader.Parse(packet, out RtpHeader header));
        return StreamLearner.TryPlace(_sender.Routed, packet, header, out place);
    }
}
