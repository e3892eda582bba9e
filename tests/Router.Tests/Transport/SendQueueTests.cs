using CsCheck;
using Sfu.Media.Rtp;
using Sfu.Router.Rooms;
using Sfu.Router.Transport;

namespace Sfu.Router.Tests.Transport;

public sealed class SendQueueTests
{
    private static readonly Gen<(int Slot, byte[] Header)[]> Packets = Gen.Select(Gen.Int[0, 9], Gen.Byte.Array[0, 40]).Array[0, 200];

    [Fact]
    public void TryAdd_AnyPackets_AreListedByReceiverInOrder() => Packets.Sample(packets =>
    {
        SendQueue queue = NewQueue();
        for (int round = 0; round < 2; round++)            // the second round finds what Clear left behind
        {
            for (int i = 0; i < packets.Length; i++)
                Assert.True(TryAdd(queue, packets[i].Slot, packets[i].Header));

            Assert.Equal(packets.Select(p => p.Slot).Distinct(), queue.Dirty.ToArray());
            for (int slot = 0; slot < 10; slot++)
                Assert.Equal(Enumerable.Range(0, packets.Length).Where(i => packets[i].Slot == slot), List(queue, slot));
            for (int i = 0; i < packets.Length; i++) Assert.Equal(packets[i].Header, queue.OwnBytesOf(queue[i]).ToArray());
            queue.Clear();
            Assert.True(queue.IsEmpty);
        }
    });

    [Fact]
    public void TryAdd_FullOfPackets_Refuses()
    {
        SendQueue queue = NewQueue();
        int taken = 0;
        while (TryAdd(queue, 0, [1])) taken++;

        Assert.Equal(4096, taken);
        Assert.Equal(taken, List(queue, 0).Count);
    }

    [Fact]
    public void TryAdd_FullOfHeaderBytes_RefusesAndKeepsWhatItHas()
    {
        SendQueue queue = NewQueue();
        var compound = new byte[1600];
        int taken = 0;
        while (queue.TryAddRtcp(1, compound)) taken++;

        Assert.Equal(512 * 1024 / compound.Length, taken);
        Assert.Equal(taken, List(queue, 1).Count);
    }

    [Fact]
    public void EnsureSlots_WhilePacketsWait_KeepsThem()
    {
        SendQueue queue = NewQueue();
        TryAdd(queue, 3, [1]);

        queue.EnsureSlots(1000);
        TryAdd(queue, 999, [2]);

        Assert.Equal([3, 999], queue.Dirty.ToArray());
        Assert.Equal([0], List(queue, 3));
        Assert.Equal([1], List(queue, 999));
    }

    [Fact]
    public unsafe void TryAdd_RtpAfterRtcpInTheSamePlace_KeepsNothingOfIt()
    {
        SendQueue queue = NewQueue();
        var packet = new OutgoingRtp
        {
            Own = [1, 2, 3],
            HeaderLength = 2,
            TransportCcAt = 1,
            Payload = (byte*)4,
            PayloadLength = 5,
            Ssrc = new Ssrc(6),
            Index = 7,
            Kind = MediaKind.Video,
        };
        queue.TryAdd(0, packet);
        queue.Clear();
        queue.TryAddRtcp(0, [9, 9]);
        QueuedPacket rtcp = queue[0];
        queue.Clear();
        queue.TryAdd(0, packet);
        QueuedPacket rtp = queue[0];

        Assert.Equal((2, 2, 0, 0, QueuedKind.Rtcp), (rtcp.OwnLength, rtcp.HeaderLength, rtcp.TransportCcAt, rtcp.PayloadLength, rtcp.Kind));
        Assert.Equal((3, 2, 1, 5, QueuedKind.Video), (rtp.OwnLength, rtp.HeaderLength, rtp.TransportCcAt, rtp.PayloadLength, rtp.Kind));
        Assert.Equal((4, 6u, 7UL), ((int)rtp.Payload, rtp.Ssrc, rtp.Index));
    }

    private static unsafe bool TryAdd(SendQueue queue, int slot, byte[] own) => queue.TryAdd(slot, new OutgoingRtp
    {
        Own = own,
        HeaderLength = own.Length,
        Payload = null,
        PayloadLength = 0,
        Ssrc = default,
        Index = 0,
        Kind = MediaKind.Video,
    });

    private static SendQueue NewQueue()
    {
        var queue = new SendQueue();
        queue.EnsureSlots(10);
        return queue;
    }

    private static List<int> List(SendQueue queue, int slot)
    {
        List<int> numbers = [];
        for (int number = queue.FirstOf(slot); number >= 0; number = queue[number].Next) numbers.Add(number);
        return numbers;
    }
}
