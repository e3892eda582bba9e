using System.Buffers.Binary;
using CsCheck;
using Sfu.Media.Ice;

namespace Sfu.Media.Tests.Ice;

/// <summary>What a transport knows of checks that it took.</summary>
public sealed class SeenChecksTests
{
    [Fact]
    public void TryAdd_RandomIds_KnowsTheLastThousandAndNoOther() =>
        Gen.Int[1, 3000].SelectMany(count => Gen.Byte.Array[12].Array[count]).Sample(
            ids =>
            {
                var seen = new SeenChecks();
                var model = new Queue<string>();
                for (int i = 0; i < ids.Length; i++)
                {
                    byte[] id = i % 7 == 6 ? ids[i - 1 - i * 37 % Math.Min(i, 1500)] : ids[i]; // one that was there before, or is forgotten
                    bool isNew = !model.Contains(Convert.ToHexString(id));
                    Assert.Equal(isNew, seen.TryAdd(id));
                    if (isNew) model.Enqueue(Convert.ToHexString(id));
                    if (model.Count > SeenChecks.Capacity) model.Dequeue();
                }
            },
            iter: 30, seed: "0000KOIPZjU4", threads: 1);              // a seed: ids of all seeds would have the same digest once in some thousand runs

    [Fact]
    public void TryAdd_AfterAsManyAsItHolds_ForgetsTheOldestOnly()
    {
        var seen = new SeenChecks();
        for (int number = 0; number < SeenChecks.Capacity; number++) Assert.True(seen.TryAdd(Id(number)));
        Assert.False(seen.TryAdd(Id(0)));
        Assert.False(seen.TryAdd(Id(SeenChecks.Capacity - 1)));

        Assert.True(seen.TryAdd(Id(SeenChecks.Capacity)));
        Assert.False(seen.TryAdd(Id(1)));
        Assert.True(seen.TryAdd(Id(0)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(8)]
    public void TryAdd_IdsThatCountInOnePart_AreAllNew(int part)
    {
        var seen = new SeenChecks();
        byte[] id = [.. Enumerable.Range(1, 12).Select(i => (byte)i)];
        for (uint number = 0; number < 100_000; number++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(id.AsSpan(part), number);
            Assert.True(seen.TryAdd(id));
        }
    }

    [Fact]
    public void TryAdd_ManyChecks_TakesNoMemoryBesides()
    {
        var seen = new SeenChecks();
        byte[] id = new byte[12];
        seen.TryAdd(id);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (uint number = 1; number < 10_000; number++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(id, number);
            seen.TryAdd(id);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[] Id(int number)
    {
        byte[] id = new byte[12];
        BinaryPrimitives.WriteInt32BigEndian(id.AsSpan(8), number);
        return id;
    }
}
