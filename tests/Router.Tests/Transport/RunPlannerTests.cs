using CsCheck;
using Sfu.Router.Transport;

namespace Sfu.Router.Tests.Transport;

public sealed class RunPlannerTests
{
    private static readonly Gen<(int Length, ulong Stream)[]> Packets =
        Gen.Select(Gen.OneOf(Gen.Int[1, 2048], Gen.Int[0, 2].Select(i => new[] { 100, 1100, 1200 }[i])), Gen.ULong[0, 5])
            .Array[1, RunPlanner.Window];

    [Fact]
    public void Plan_AnyPackets_SendsEachOnce() => Packets.Sample(packets =>
    {
        Plan(packets, out byte[] order, out byte[] runs);

        Assert.Equal(Enumerable.Range(0, packets.Length), order.Select(i => (int)i).Order());
        Assert.Equal(packets.Length, runs.Sum(run => run));
    });

    [Fact]
    public void Plan_AnyPackets_KeepsTheOrderOfEveryStream() => Packets.Sample(packets =>
    {
        Plan(packets, out byte[] order, out _);

        foreach (IGrouping<ulong, byte> stream in order.GroupBy(i => packets[i].Stream)) Assert.Equal(stream.Order(), stream);
    });

    [Fact]
    public void Plan_AnyPackets_MakesRunsThatTheKernelCanCut() => Packets.Sample(packets =>
    {
        Plan(packets, out byte[] order, out byte[] runs);
        int at = 0;
        foreach (byte run in runs)
        {
            int[] lengths = [.. order.Skip(at).Take(run).Select(i => packets[i].Length)];
            at += run;
            Assert.InRange(lengths.Length, 1, SendSlab.MaxSegments);
            Assert.InRange(lengths.Sum(), 1, SendSlab.MaxRunBytes);
            Assert.All(lengths.SkipLast(1), length => Assert.Equal(lengths[0], length));
            Assert.InRange(lengths[^1], 1, lengths[0]);
        }
    });

    [Fact]
    public void Plan_EqualPacketsOfOneStream_MakesOneRun()
    {
        Plan([.. Enumerable.Repeat((1200, 7UL), 20)], out _, out byte[] runs);

        Assert.Equal([20], runs);
    }

    [Fact]
    public void Plan_TwoFramesOfThreeAndAShortTail_MakesOneRunEach()
    {
        (int, ulong)[] frame = [(1200, 1UL), (1200, 1UL), (1200, 1UL), (300, 1UL)];

        Plan([.. frame, .. frame], out byte[] order, out byte[] runs);

        Assert.Equal([4, 4], runs);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], order);
    }

    [Fact]
    public void Plan_SmallPacketBeforeLargeOfAnotherStream_EndsItsRun()
    {
        Plan([(100, 1UL), (1200, 2UL)], out byte[] order, out byte[] runs);

        Assert.Equal([1, 0], order);
        Assert.Equal([2], runs);
    }

    [Fact]
    public void Plan_SmallPacketBeforeLargeOfOneStream_IsNotOvertaken()
    {
        Plan([(100, 1UL), (1200, 1UL), (1200, 2UL)], out byte[] order, out byte[] runs);

        Assert.Equal([2, 0, 1], order);                    // the other stream's large one, ended by the small one; then the rest
        Assert.Equal([2, 1], runs);
    }

    [Fact]
    public void Plan_EqualPacketsBeyondTheLimit_CutsAtThe65000thByte()
    {
        Plan([.. Enumerable.Repeat((1500, 1UL), 64)], out _, out byte[] runs);

        Assert.Equal([43, 21], runs);
    }

    private static void Plan((int Length, ulong Stream)[] packets, out byte[] order, out byte[] runs)
    {
        order = new byte[packets.Length];
        runs = new byte[packets.Length];
        int count = RunPlanner.Plan([.. packets.Select(p => p.Length)], [.. packets.Select(p => p.Stream)], order, runs);
        runs = runs[..count];
    }
}
