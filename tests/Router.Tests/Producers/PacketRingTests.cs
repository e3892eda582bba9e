using CsCheck;
using Sfu.Media.Time;
using Sfu.Router.Producers;

namespace Sfu.Router.Tests.Producers;

public sealed class PacketRingTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(1);

    [Fact]
    public void TryGet_AnyWrites_FindsTheNewestPacketsAndNothingWrong()
    {
        Gen<(int Step, int Length)[]> writes = Gen.Select(Gen.Int[-3, 4], Gen.Int[1, 1500]).Array[1, 400];
        writes.Sample(steps =>
        {
            var fence = new FakeFence();
            using var ring = new PacketRing(16 * 1024, 16 * 1024, fence);
            var model = new Dictionary<long, byte[]>();
            long index = 65_000;
            foreach ((int step, int length) in steps)
            {
                index += step;
                if (model.ContainsKey(index)) continue;
                byte[] packet = Packet(index, length);
                packet.CopyTo(ring.Reserve(Start, length));
                ring.Commit(index, length);
                model[index] = packet;
                Assert.True(ring.TryGet(index, out _) || model.Keys.Any(other => other > index), "the newest number is always found");
            }

            int found = 0;
            foreach ((long number, byte[] packet) in model)
            {
                if (!ring.TryGet(number, out RingPacket kept)) continue;
                found++;
                Assert.Equal(packet, kept.Bytes.ToArray());
            }

            Assert.True(found >= Math.Min(model.Count, 8), "eight of the longest packets fit twice over");
        }, iter: 500);
    }

    [Fact]
    public void IsOpen_AcrossGrowing_TellsWhatCameSinceTheRingWasReopened()
    {
        using var ring = new PacketRing(16 * 1024, 64 * 1024, new FakeFence());
        for (int index = 0; index < 9; index++) Write(ring, Start, index, 1200);
        ring.Reopen();
        for (int index = 9; index < 200; index++)              // it grows twice
        {
            Write(ring, Start, index, 1200);
            for (int number = 0; number <= index; number++)
                if (ring.TryGet(number, out RingPacket packet)) Assert.Equal(number >= 9, ring.IsOpen(packet));
        }

        Assert.Equal(64 * 1024, ring.Capacity);
    }

    [Fact]
    public void Reserve_FullWithinATurn_DrainsBeforeOverwritingWhatWasHandedOut()
    {
        var fence = new FakeFence();
        using var ring = new PacketRing(16 * 1024, 16 * 1024, fence);
        var handed = new List<(RingPacket Packet, byte[] Expected)>();
        fence.Drained = () =>
        {
            foreach ((RingPacket packet, byte[] expected) in handed) Assert.Equal(expected, packet.Bytes.ToArray());
            handed.Clear();
        };
        for (int index = 0; index < 300; index++)
        {
            byte[] bytes = Packet(index, 1200);
            bytes.CopyTo(ring.Reserve(Start, bytes.Length));
            RingPacket packet = ring.Commit(index, bytes.Length);
            handed.Add((packet, bytes));
            ring.Pin(packet);
        }

        fence.EndTurn();
        Assert.InRange(fence.Drains, 300 / 14, 300 / 12);
    }

    [Fact]
    public void Reserve_OldPacketHandedOut_DrainsBeforeItIsOverwritten()
    {
        var fence = new FakeFence();
        using var ring = new PacketRing(16 * 1024, 16 * 1024, fence);
        for (int index = 0; index < 13; index++) Write(ring, Start, index, 1200);
        fence.EndTurn();
        Assert.True(ring.TryGet(0, out RingPacket oldest));
        ring.Pin(oldest);
        byte[] seen = [];
        fence.Drained = () => seen = oldest.Bytes.ToArray();
        Write(ring, Start, 13, 1200);

        Assert.Equal(1, fence.Drains);
        Assert.Equal(Packet(0, 1200), seen);
    }

    [Fact]
    public void Reserve_NewTurn_OverwritesWithoutDraining()
    {
        var fence = new FakeFence();
        using var ring = new PacketRing(16 * 1024, 16 * 1024, fence);
        for (int index = 0; index < 100; index++)
        {
            ring.Pin(Write(ring, Start, index, 1200));
            fence.EndTurn();
        }

        Assert.Equal(0, fence.Drains);
    }

    [Fact]
    public void Reserve_LapFasterThanKeep_GrowsAndKeepsThePackets()
    {
        var fence = new FakeFence();
        using var ring = new PacketRing(16 * 1024, 64 * 1024, fence);
        for (int index = 0; index < 40; index++) Write(ring, Start + TimeSpan.FromMilliseconds(index), index, 1000);

        Assert.Equal(64 * 1024, ring.Capacity);
        for (int index = 0; index < 40; index++)
        {
            Assert.True(ring.TryGet(index, out RingPacket packet), $"packet {index}");
            Assert.Equal(Packet(index, 1000), packet.Bytes.ToArray());
            Assert.Equal(Start + TimeSpan.FromMilliseconds(index), packet.ReceivedAt);
        }
    }

    [Fact]
    public void Reserve_GrowsWithinATurn_DrainsBeforeTheOldMemoryGoes()
    {
        var fence = new FakeFence();
        using var ring = new PacketRing(16 * 1024, 64 * 1024, fence);
        var handed = new List<(RingPacket Packet, byte[] Expected)>();
        fence.Drained = () =>
        {
            foreach ((RingPacket packet, byte[] expected) in handed) Assert.Equal(expected, packet.Bytes.ToArray());
            handed.Clear();
        };
        for (int index = 0; index < 50; index++)
        {
            RingPacket packet = Write(ring, Start, index, 1000);
            handed.Add((packet, Packet(index, 1000)));
            ring.Pin(packet);
        }

        Assert.Equal(64 * 1024, ring.Capacity);
        Assert.Equal(2, fence.Drains);
    }

    [Fact]
    public void Reserve_LapSlowerThanKeep_StaysSmall()
    {
        using var ring = new PacketRing(16 * 1024, 64 * 1024, new FakeFence());
        for (int index = 0; index < 100; index++) Write(ring, Start + TimeSpan.FromMilliseconds(100 * index), index, 1000);

        Assert.Equal(16 * 1024, ring.Capacity);
    }

    private static RingPacket Write(PacketRing ring, MediaTime now, long index, int length)
    {
        Packet(index, length).CopyTo(ring.Reserve(now, length));
        return ring.Commit(index, length);
    }

    private static byte[] Packet(long index, int length)
    {
        var packet = new byte[length];
        for (int i = 0; i < length; i++) packet[i] = (byte)(index * 31 + i);
        return packet;
    }
}
