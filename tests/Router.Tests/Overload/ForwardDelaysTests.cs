using Sfu.Media.Time;
using Sfu.Router.Overload;

namespace Sfu.Router.Tests.Overload;

public sealed class ForwardDelaysTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(100);
    private readonly ForwardDelays _delays = new();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 0)]
    [InlineData(101, 1)]
    [InlineData(2000, 3)]
    [InlineData(2001, 4)]
    [InlineData(100_000, 8)]
    [InlineData(100_001, 9)]
    [InlineData(60_000_000, 9)]
    public void OnSent_AnyDelay_CountsInItsBucket(int microseconds, int bucket)
    {
        _delays.BeginTurn(Start);
        _delays.OnSent(Start + TimeSpan.FromMicroseconds(microseconds), 7);

        (long[] counts, double[] seconds) = _delays.Copy();
        Assert.Equal((7, 7), (counts[bucket], counts.Sum()));
        Assert.Equal(7 * microseconds / 1e6, seconds[bucket], 9);
    }

    [Fact]
    public void OnSent_TurnThatReceivedNothing_IsNotCounted()
    {
        _delays.OnSent(Start, 1);
        _delays.BeginTurn(Start);
        _delays.EndTurn();
        _delays.OnSent(Start, 1);

        Assert.Equal(0, _delays.Copy().Counts.Sum());
    }

    [Fact]
    public void OnSent_ManyTimes_AllocatesNothing()
    {
        _delays.BeginTurn(Start);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) _delays.OnSent(Start + TimeSpan.FromTicks(i * 100), 1);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
