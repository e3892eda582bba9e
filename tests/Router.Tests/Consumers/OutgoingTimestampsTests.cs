using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;

namespace Sfu.Router.Tests.Consumers;

/// <summary>Time stamps where the sender's SSRC changes, with and without its reports.</summary>
public sealed class OutgoingTimestampsTests : IDisposable
{
    private static readonly Ssrc Video = new(0x9001);

    private readonly TestRoom _room = new();
    private readonly TestTransport _sender, _viewer;

    public OutgoingTimestampsTests()
    {
        _sender = _room.Join();
        _viewer = _room.Join();
        ProducerId producer = _room.PublishVideo(_sender, "q", "f");
        _room.Subscribe(_viewer, producer, TestRoom.VideoConsumer(Video.Value, 0x9002));
    }

    public void Dispose() => _room.Dispose();

    [Fact]
    public void Start_NoReports_GoesOnByTheTimeThatPassed()
    {
        Send("q", 0xA1, timestamp: 100);
        _room.Advance(200);
        Send("f", 0xA3, timestamp: 4_000_000_000);

        Assert.Equal(18_000, Step());
    }

    [Fact]
    public void Start_SameInstant_KeepsFramesApart()
    {
        Send("q", 0xA1, timestamp: 100);
        Send("f", 0xA3, timestamp: 4_000_000_000);

        Assert.Equal(900, Step());                             // 10 ms
    }

    [Fact]
    public void Start_ReportsThatCannotBe_AreNotBelieved()
    {
        Send("q", 0xA1, timestamp: 100);
        Report(0xA1, 100, offset: 0);
        _room.Advance(1);
        Announce("f", 0xA3, timestamp: 5_000_000);             // no key frame yet: the report finds the stream
        Report(0xA3, 5_000_000, offset: 60_000_000_000);       // a minute away from the other one
        _room.Advance(199);
        Send("f", 0xA3, timestamp: 5_018_000);

        Assert.Equal(18_000, Step());
    }

    private void Send(string rid, uint ssrc, uint timestamp) =>
        _sender.Send(Maker(rid, ssrc, timestamp).Next(Vp8Maker.Payload(1, 1, isKey: true), marker: true));

    private void Announce(string rid, uint ssrc, uint timestamp) =>
        _sender.Send(Maker(rid, ssrc, timestamp, sequence: 999).Next(Vp8Maker.Payload(0, 0), marker: true));

    private static RtpMaker Maker(string rid, uint ssrc, uint timestamp, ushort sequence = 1000) =>
        new(ssrc, TestRoom.Vp8Type, "v", rid) { Timestamp = timestamp, Sequence = sequence };

    private void Report(uint ssrc, uint timestamp, long offset) => _sender.SendRtcp((ref RtcpWriter writer) =>
        writer.WriteSenderReport(
            new Ssrc(ssrc), NtpTime.FromUnixNanoseconds(TestRoom.AnchorUnixNanoseconds + _room.Now.Nanoseconds + offset),
            new RtpTimestamp(timestamp), 1, 1, default));

    private int Step()
    {
        List<SentRtp> sent = _viewer.Output.On(Video);
        Assert.Equal(2, sent.Count);
        return sent[1].Header.Timestamp.DistanceFrom(sent[0].Header.Timestamp);
    }
}
