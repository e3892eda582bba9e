using Microsoft.Extensions.Time.Testing;
using Sfu.Observability;

namespace Sfu.Tests.Observability;

public sealed class LogLimiterTests
{
    [Fact]
    public void TryTake_ManyAtOnce_TakesOnePerIntervalAndCountsTheRest()
    {
        var time = new FakeTimeProvider();
        var limiter = new LogLimiter(time, TimeSpan.FromSeconds(10));
        Assert.True(limiter.TryTake(out long leftOut));
        Assert.Equal(0, leftOut);
        for (int i = 0; i < 7; i++) Assert.False(limiter.TryTake(out _));
        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(limiter.TryTake(out _));
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(limiter.TryTake(out leftOut));
        Assert.Equal(8, leftOut);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(limiter.TryTake(out leftOut));
        Assert.Equal(0, leftOut);
    }
}
