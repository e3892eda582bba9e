using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Rooms;

/// <summary>An SSRC that belongs to a viewer's section: one track after the other is sent on it as one stream.</summary>
public sealed class ReservedSsrcTests : IDisposable
{
    private static readonly Ssrc Video = new(0x9001), Rtx = new(0x9002);

    private readonly TestRoom _room = new();
    private readonly TestTransport _sender, _viewer;
    private readonly ConsumerParameters _parameters = TestRoom.VideoConsumer(Video.Value, Rtx.Value) with { IsReserved = true };

    public ReservedSsrcTests() => (_sender, _viewer) = (_room.Join(), _room.Join());

    public void Dispose() => _room.Dispose();

    [Fact]
    public void AddConsumer_NextTrack_GoesOnWithNumbersTimeStampsAndPictures()
    {
        ProducerId camera = Send(0x1111, sequence: 65_000, timestamp: 4_000_000_000, picture: 30_000, frames: 3);
        Assert.True(_room.Execute(new RemoveProducer(camera)));
        SentRtp[] before = [.. _viewer.Output.On(Video)];
        _room.Advance(2000);
        Send(0x2222, sequence: 7, timestamp: 12, picture: 5, frames: 3);

        SentRtp[] after = [.. _viewer.Output.On(Video).Skip(before.Length)];
        Assert.Equal(3, after.Length);
        Assert.Equal([.. Enumerable.Range(1, 3).Select(i => before[^1].Index + (ulong)i)], after.Select(sent => sent.Index));
        // 2 s passed since the last frame, and 40 ms after it was sent.
        Assert.Equal(2.04 * 90_000, after[0].Header.Timestamp.DistanceFrom(before[^1].Header.Timestamp), 90.0);
        Assert.Equal((PictureOf(before[^1]) + 1) & 0x7FFF, PictureOf(after[0]));
        Assert.Equal(0, _viewer.Output.Count(RtcpKind.Goodbye));
    }

    [Fact]
    public void SenderReport_NextTrack_CountsOn()
    {
        ProducerId camera = Send(0x1111, sequence: 1, timestamp: 1, picture: 1, frames: 3);
        Assert.True(_room.Execute(new RemoveProducer(camera)));
        _viewer.Output.Clear();
        Send(0x2222, sequence: 1, timestamp: 1, picture: 1, frames: 2);
        _room.Advance(100);

        Assert.Equal(5u, LastPacketCount());
    }

    [Fact]
    public void Nack_RtxAfterTheNextTrackBegan_GoesOnToo()
    {
        ProducerId camera = Send(0x1111, sequence: 1, timestamp: 1, picture: 1, frames: 2);
        Nack();
        Assert.True(_room.Execute(new RemoveProducer(camera)));
        Send(0x2222, sequence: 1, timestamp: 1, picture: 1, frames: 2);
        Nack();

        SentRtp[] repaired = [.. _viewer.Output.On(Rtx)];
        Assert.Equal(2, repaired.Length);
        Assert.Equal(repaired[0].Index + 1, repaired[1].Index);
    }

    [Fact]
    public void AddConsumer_SsrcStillSent_IsRefused()
    {
        Send(0x1111, sequence: 1, timestamp: 1, picture: 1, frames: 1);
        ProducerId other = _room.Publish(_sender, TestRoom.Video("w"));

        Assert.False(_room.Execute(new AddConsumer(_viewer.Routed.Id, new ConsumerId(900), other, _parameters)));
        Assert.False(_room.Execute(new AddConsumer(_viewer.Routed.Id, new ConsumerId(901), other, TestRoom.VideoConsumer(0x9003, Rtx.Value))));
        Assert.True(_room.Execute(new AddConsumer(_viewer.Routed.Id, new ConsumerId(902), other, TestRoom.VideoConsumer(0x9003, 0x9004))));
    }

    /// <summary>Publishes a track, plays it to the viewer and sends frames 40 ms apart.</summary>
    private ProducerId Send(uint ssrc, ushort sequence, uint timestamp, ushort picture, int frames)
    {
        string mid = $"v{ssrc:x}";
        ProducerId producer = _room.Publish(_sender, TestRoom.Video(mid));
        _room.Subscribe(_viewer, producer, _parameters);
        var maker = new RtpMaker(ssrc, TestRoom.Vp8Type, mid) { Sequence = sequence, Timestamp = timestamp };
        for (int i = 0; i < frames; i++)
        {
            _sender.Send(maker.Next(Vp8Maker.Payload((ushort)(picture + i), (byte)i, isKey: i == 0), marker: true));
            maker.Timestamp += 3600;
            _room.Advance(40);
        }

        return producer;
    }

    private void Nack()
    {
        SequenceNumber last = _viewer.Output.On(Video)[^1].Header.SequenceNumber;
        _viewer.SendRtcp((ref RtcpWriter writer) => writer.WriteNack(new Ssrc(1), Video, [last], out _));
    }

    private static int PictureOf(SentRtp sent) => (sent.Payload[2] << 8 | sent.Payload[3]) & 0x7FFF;

    private uint LastPacketCount()
    {
        uint count = 0;
        foreach (byte[] compound in _viewer.Output.Rtcp)
        {
            RtcpReader.Open(compound, out RtcpReader reader);
            while (reader.MoveNext(out RtcpPacket packet))
                if (packet.Kind == RtcpKind.SenderReport && SenderReport.TryParse(packet, out SenderReport report) == Media.DropReason.None && report.Ssrc == Video)
                    count = report.PacketCount;
        }

        return count;
    }
}
