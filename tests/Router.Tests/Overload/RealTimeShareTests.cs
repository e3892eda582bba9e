using CsCheck;
using Sfu.Media.Time;
using Sfu.Router.Overload;

namespace Sfu.Router.Tests.Overload;

/// <summary>When a worker leaves real time and takes it again, in virtual time.</summary>
public sealed class RealTimeShareTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(100);
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void OnTurn_NeverWaits_LeavesWithinHalfASecond()
    {
        var share = new RealTimeShare(0.6, Start);

        Assert.Equal(500, TurnsUntil(share, 1, false));
    }

    [Fact]
    public void OnTurn_CalmAgain_ReturnsAfterTwoSeconds()
    {
        var share = new RealTimeShare(0.6, Start);
        int left = TurnsUntil(share, 0.7, false);

        Assert.Equal(2000, TurnsUntil(share, 0.4, true, left));
    }

    [Fact]
    public void OnTurn_BetweenTheBounds_StaysAsItIs()
    {
        RealTimeShare held = new(0.6, Start), left = new(0.6, Start);
        int turns = TurnsUntil(left, 0.7, false);

        Assert.Equal(0, TurnsUntil(held, 0.55, false));
        Assert.Equal(0, TurnsUntil(left, 0.55, true, turns));
    }

    [Fact]
    public void OnTurn_BusyForAWindowMeanwhile_WaitsAnew()
    {
        var share = new RealTimeShare(0.6, Start);
        int turns = TurnsUntil(share, 0.7, false);
        for (int i = 1; i <= 1500; i++) Assert.False(share.OnTurn(Start + (turns + i) * Turn, Turn * 0.6));
        for (int i = 1; i <= 500; i++) Assert.False(share.OnTurn(Start + (turns + 1500 + i) * Turn, TimeSpan.Zero));

        Assert.Equal(2000, TurnsUntil(share, 0.4, true, turns + 2000));
    }

    [Fact]
    public void OnTurn_TheMachineStoodStill_StaysInRealTime()
    {
        var share = new RealTimeShare(0.6, Start);
        for (int i = 1; i <= 3000; i++) Assert.False(share.OnTurn(Start + i * Turn, Turn * (i % 500 < 60 ? 0 : 0.55)));

        Assert.True(share.IsHeld);                         // 60 ms of each half second, at 45 % of the rest
    }

    [Fact]
    public void OnTurn_BoundOfOne_NeverLeaves() =>
        Gen.Double[0, 1].Array[0, 300].Sample(loads =>
        {
            var share = new RealTimeShare(1, Start);
            MediaTime now = Start;
            foreach (double busy in loads)
            {
                now += 40 * Turn;
                Assert.False(share.OnTurn(now, 40 * Turn * (1 - busy)));
            }

            Assert.True(share.IsHeld);
        });

    [Fact]
    public void OnTurn_AnyLoads_HasItNeitherWhileBusyNorChangesTwiceWithinTwoSeconds() =>
        Gen.Double[0, 1].Array[1, 400].Sample(loads =>
        {
            var share = new RealTimeShare(0.6, Start);
            MediaTime now = Start, left = Start - RealTimeShare.CalmFor;
            foreach (double busy in loads)
            {
                now += RealTimeShare.Window;
                bool isChanged = share.OnTurn(now, RealTimeShare.Window * (1 - busy));
                if (busy > 0.6) Assert.False(share.IsHeld);
                if (!isChanged) continue;
                if (share.IsHeld) Assert.True(now - left >= RealTimeShare.CalmFor);
                else left = now;
            }
        });

    /// <summary>Turns of a millisecond at a busy share until it is so; 0 when it is not within ten seconds.</summary>
    private static int TurnsUntil(RealTimeShare share, double busy, bool isHeld, int after = 0)
    {
        for (int i = 1; i <= 10_000; i++)
        {
            bool isChanged = share.OnTurn(Start + (after + i) * Turn, Turn * (1 - busy));
            Assert.Equal(share.IsHeld == isHeld, isChanged);
            if (isChanged) return i;
        }

        return 0;
    }
}
