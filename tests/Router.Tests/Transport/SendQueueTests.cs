using CsCheck;
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
                Assert.True(queue.TryAdd(packets[i].Slot, packets[i].Header, i, i + 1, (uint)i, (ulong)i, QueuedKind.Video));

            Assert.Equal(packets.Select(p => p.Slot).Distinct(), queue.Dirty.ToArray());
            for (int slot = 0; slot < 10; slot++)
                Assert.Equal(Enumerable.Range(0, packets.Length).Where(i => packets[i].Slot == slot), List(queue, slot));
            for (int i = 0; i < packets.Length; i++) Assert.Equal(packets[i].Header, queue.HeaderOf(queue[i]).ToArray());
            queue.Clear();
            Assert.True(queue.IsEmpty);
        }
    });

    [Fact]
    public void TryAdd_FullOfPackets_Refuses()
    {
        SendQueue queue = NewQueue();
        int taken = 0;
        while (queue.TryAdd(0, [1], 0, 0, 0, 0, QueuedKind.Audio)) taken++;

        Assert.Equal(4096, taken);
        Assert.Equal(taken, List(queue, 0).Count);
    }

    [Fact]
    public void TryAdd_FullOfHeaderBytes_RefusesAndKeepsWhatItHas()
    {
        SendQueue queue = NewQueue();
        var compound = new byte[1600];
        int taken = 0;
        while (queue.TryAdd(1, compound, 0, 0, 0, 0, QueuedKind.Rtcp)) taken++;

        Assert.Equal(512 * 1024 / compound.Length, taken);
        Assert.Equal(taken, List(queue, 1).Count);
    }

    [Fact]
    public void EnsureSlots_WhilePacketsWait_KeepsThem()
    {
        SendQueue queue = NewQueue();
        queue.TryAdd(3, [1], 0, 0, 0, 0, QueuedKind.Audio);

        queue.EnsureSlots(1000);
        queue.TryAdd(999, [2], 0, 0, 0, 0, QueuedKind.Audio);

        Assert.Equal([3, 999], queue.Dirty.ToArray());
        Assert.Equal([0], List(queue, 3));
        Assert.Equal([1], List(queue, 999));
    }

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
