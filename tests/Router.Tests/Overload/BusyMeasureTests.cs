using CsCheck;
using Sfu.Media.Time;
using Sfu.Router.Overload;

namespace Sfu.Router.Tests.Overload;

/// <summary>The busy share of a worker, which the burst window, shedding and real time follow.</summary>
public sealed class BusyMeasureTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(100);
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void OnTurn_AnyTurns_IsTheShareOfTheWindowThatEnded() =>
        Gen.Select(Gen.Int[1, 250], Gen.Double[0, 1]).Array[1, 60].Sample(turns =>
        {
            var measure = new BusyMeasure(Window, Start);
            MediaTime now = Start;
            TimeSpan length = TimeSpan.Zero, idle = TimeSpan.Zero;
            foreach ((int milliseconds, double waiting) in turns)
            {
                TimeSpan turn = TimeSpan.FromMilliseconds(milliseconds), waited = turn * waiting;
                (now, length, idle) = (now + turn, length + turn, idle + waited);
                Assert.Equal(length >= Window, measure.OnTurn(now, waited));
                if (length < Window) continue;
                Assert.Equal(length, measure.Length);
                Assert.Equal(1 - idle / length, measure.Share, 6);
                length = idle = TimeSpan.Zero;
            }
        });

    [Fact]
    public void OnTurn_WaitedForLongerThanThereWas_IsNotBelowNothing()
    {
        var measure = new BusyMeasure(Window, Start);

        Assert.Equal(0, measure.Share);
        Assert.True(measure.OnTurn(Start + Window, 2 * Window));
        Assert.Equal(0, measure.Share);
    }
}
