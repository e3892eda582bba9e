using CsCheck;
using Sfu.Media.Codecs;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Router.Consumers;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Consumers;

public sealed class RepairTests : IDisposable
{
    private static readonly Ssrc Video = new(0x9001), Rtx = new(0x9002), Audio = new(0x9003);

    private readonly TestRoom _room = new();
    private readonly TestTransport _sender, _viewer;
    private readonly RtpMaker _video = new(0x1111, TestRoom.Vp8Type, "v");
    private readonly RtpMaker _audio = new(0x2222, TestRoom.OpusType, "a");
    private ushort _picture = 10;

    public RepairTests()
    {
        _sender = _room.Join();
        _viewer = _room.Join();
    }

    public void Dispose() => _room.Dispose();

    [Fact]
    public void OnRtcp_NackWithRtx_SendsThePayloadBehindItsNumber()
    {
        SubscribeVideo(Rtx.Value);
        SendFrame(isKey: true);
        SendFrame();
        SentRtp lost = _viewer.Output.On(Video)[1];
        _viewer.Output.Clear();
        Nack(Video, lost);

        SentRtp resent = Assert.Single(_viewer.Output.Rtp);
        Assert.Equal(Rtx, resent.Header.Ssrc);
        Assert.Equal(TestRoom.ViewerRtxType, resent.Header.PayloadType);
        Assert.Equal(lost.Header.Timestamp, resent.Header.Timestamp);
        Assert.True(resent.Header.Marker);
        Assert.Equal([(byte)(lost.Index >> 8), (byte)lost.Index, .. lost.Payload], resent.Payload.ToArray());
        Assert.NotEqual(0, resent.TransportCcAt);
        Assert.Equal(1, _room.Counters.Retransmissions);
    }

    [Fact]
    public void OnRtcp_NackAgain_AnswersThreeTimesAndOncePerRoundTrip()
    {
        SubscribeVideo(Rtx.Value);
        SendFrame(isKey: true);
        SentRtp lost = _viewer.Output.On(Video)[0];
        var answers = new List<int>();
        for (int i = 0; i < 10; i++)
        {
            Nack(Video, lost);
            answers.Add(_viewer.Output.On(Rtx).Count);
            _room.Advance(15);
        }

        Assert.Equal([1, 1, 2, 2, 3, 3, 3, 3, 3, 3], answers);
        Assert.Equal([0UL, 1UL, 2UL], _viewer.Output.On(Rtx).Select(sent => sent.Index - _viewer.Output.On(Rtx)[0].Index));
    }

    [Fact]
    public void OnRtcp_NackOfAPacketThatIsASecondOld_IsAnsweredAtAnyRate()
    {
        SubscribeVideo(Rtx.Value);
        SendFrame(isKey: true);
        for (int i = 0; i < 1500; i++)                     // 500 a second
        {
            SendFrame();
            _room.Advance(2);
        }

        IReadOnlyList<SentRtp> sent = _viewer.Output.On(Video);
        Nack(Video, sent[^450]);
        Assert.Single(_viewer.Output.On(Rtx));
        Nack(Video, sent[^1100]);
        Assert.Single(_viewer.Output.On(Rtx));             // nobody waits that long
    }

    [Fact]
    public void OnRtcp_NackWithoutRtx_RepeatsTheIdenticalPacket()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(Audio.Value, CodecFeedback.Nack | CodecFeedback.TransportCc));
        _audio.AudioLevel = 20;
        for (int i = 0; i < 5; i++)
        {
            _sender.Send(_audio.Next([0x78, (byte)i, 3]));
            _room.Advance(20);
        }

        _viewer.SendRtcp((ref RtcpWriter writer) => writer.WriteReceiverReport(new Ssrc(1), [new ReportBlock(Audio, 0, 0, 1, 0, 0, 0)]));
        SentRtp lost = _viewer.Output.On(Audio)[1];
        Nack(Audio, lost);

        Assert.Equal(6, _viewer.Output.Rtp.Count);
        Assert.Equal(lost.Bytes, _viewer.Output.Rtp[5].Bytes);
        Assert.Equal(lost.Index, _viewer.Output.Rtp[5].Index);
    }

    // The header is written again from the ring; negotiated anew, the sender's extensions mean something else.
    [Fact]
    public void OnRtcp_NackWithoutRtxOfAPacketThatWouldDiffer_SendsNoOtherBytesUnderItsIndex()
    {
        ProducerId producer = _room.PublishAudio(_sender);
        _room.Subscribe(_viewer, producer, TestRoom.AudioConsumer(Audio.Value, CodecFeedback.Nack | CodecFeedback.TransportCc));
        _audio.AudioLevel = 20;
        _sender.Send(_audio.Next([0x78, 1, 3]));
        SentRtp lost = Assert.Single(_viewer.Output.On(Audio));
        var withoutLevel = new HeaderExtensionMap(new Dictionary<byte, HeaderExtensionKind> { [4] = HeaderExtensionKind.Mid });
        _room.Execute(new UpdateProducer(producer, TestRoom.Audio("a") with { Extensions = withoutLevel }));
        Nack(Audio, lost);

        Assert.Single(_viewer.Output.Rtp);
    }

    [Fact]
    public void OnRtcp_NackAfterTheSenderChangedItsSsrc_IsNotAnsweredFromTheNewStream()
    {
        SubscribeVideo(rtx: null);
        SendFrame(isKey: true);
        SentRtp lost = _viewer.Output.On(Video)[0];
        var restarted = new RtpMaker(0x3333, TestRoom.Vp8Type, "v");   // begins with the same sequence number
        _sender.Send(restarted.Next(Vp8Maker.Payload(900, 9, isKey: true, fill: 9), marker: true));
        _viewer.Output.Clear();
        Nack(Video, lost);

        Assert.Empty(_viewer.Output.Rtp);
    }

    [Fact]
    public void OnRtcp_NackOfWhatWasNeverSent_IsNotAnswered()
    {
        SubscribeVideo(Rtx.Value);
        SendFrame(isKey: true);
        SentRtp sent = _viewer.Output.On(Video)[0];
        _viewer.SendRtcp((ref RtcpWriter writer) => writer.WriteNack(
            new Ssrc(1), Video, [sent.Header.SequenceNumber.Add(-1), sent.Header.SequenceNumber.Add(1), sent.Header.SequenceNumber.Add(30000)], out _));

        Assert.Empty(_viewer.Output.On(Rtx));
        Assert.Equal(3, _room.Counters.NacksReceived);
    }

    [Fact]
    public void OnRtcp_AnyNackStream_StaysWithinTheCap() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 400]).Array[5, 40].Sample(rounds =>
        {
            using var room = new TestRoom();
            TestTransport sender = room.Join(), viewer = room.Join();
            var maker = new RtpMaker(0x1111, TestRoom.Vp8Type, "v");
            room.Subscribe(viewer, room.PublishVideo(sender), TestRoom.VideoConsumer(Video.Value, Rtx.Value));
            sender.Send(maker.Next(Vp8Maker.Payload(0, 0, isKey: true, length: 1000), marker: true));
            ushort picture = 1;
            foreach ((int packets, int back) in rounds)
            {
                for (int i = 0; i < packets; i++)
                {
                    maker.Timestamp += 3000;
                    sender.Send(maker.Next(Vp8Maker.Payload(picture++, (byte)picture, length: 1000), marker: true));
                }

                SequenceNumber newest = viewer.Output.On(Video)[^1].Header.SequenceNumber;
                viewer.SendRtcp((ref RtcpWriter writer) =>
                    writer.WriteNack(new Ssrc(1), Video, Numbers(newest, back), out _));
                room.Advance(25);
                long forwarded = viewer.Output.On(Video).Sum(sent => sent.Bytes.Length);
                long resent = viewer.Output.On(Rtx).Sum(sent => sent.Bytes.Length - 2);
                Assert.True(resent <= forwarded / 4 + RetransmissionBudget.Burst, $"{resent} of {forwarded}");
            }
        }, iter: 50);

    private static SequenceNumber[] Numbers(SequenceNumber newest, int back) =>
        [.. Enumerable.Range(0, back + 1).Select(i => newest.Add(i - back))];

    private void SubscribeVideo(uint? rtx) => _room.Subscribe(_viewer, _room.PublishVideo(_sender), TestRoom.VideoConsumer(Video.Value, rtx));

    private void SendFrame(bool isKey = false)
    {
        _sender.Send(_video.Next(Vp8Maker.Payload(_picture, (byte)_picture, isKey: isKey, fill: (byte)_picture), marker: true));
        _picture++;
        _video.Timestamp += 3000;
    }

    private void Nack(Ssrc ssrc, SentRtp lost) => _viewer.SendRtcp((ref RtcpWriter writer) =>
        writer.WriteNack(new Ssrc(1), ssrc, [lost.Header.SequenceNumber], out _));
}
