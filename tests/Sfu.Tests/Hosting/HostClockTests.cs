using System.Reflection;
using Sfu.Hosting;

namespace Sfu.Tests.Hosting;

public sealed class HostClockTests
{
    [Theory]
    [InlineData(1000, 5000, 6000)]
    [InlineData(1000, 5001, 7000)]
    [InlineData(1000, 5999, 7000)]
    [InlineData(10_000, 123_456, 134_000)]
    public void Align_AnyMoment_EndsOnAWholeSecondNotBeforeAskedFor(int wait, long now, long end)
    {
        TimeSpan aligned = HostClock.Align(TimeSpan.FromMilliseconds(wait), now);

        Assert.Equal(end, now + aligned.TotalMilliseconds);
    }

    [Fact]
    public async Task CreateTimer_Short_FiresWhenAskedFor()
    {
        var fired = new TaskCompletionSource();
        using ITimer timer = new HostClock().CreateTimer(_ => fired.TrySetResult(), null, TimeSpan.FromMilliseconds(10), Timeout.InfiniteTimeSpan);

        await fired.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Names what it stops by Orleans' own name: another version may have another.</summary>
    [Fact]
    public void StallDetector_OfThisOrleans_IsThereAndTakesTheClock()
    {
        Type? detector = typeof(Silo).Assembly.GetType(HostClock.StallDetector);

        Assert.NotNull(detector);
        Assert.Contains(detector.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Single().GetParameters(),
            parameter => parameter.ParameterType == typeof(TimeProvider));
    }
}
