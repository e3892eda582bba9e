using CsCheck;
using Sfu.Media.Time;
using Sfu.Router.Overload;

namespace Sfu.Router.Tests.Overload;

public sealed class ShedControllerTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(100);
    private static readonly TurnMeasure Calm = new(TimeSpan.FromMilliseconds(150), 100, TimeSpan.FromMilliseconds(1), TimeSpan.Zero, 0);
    private static readonly TurnMeasure Late = new(TimeSpan.Zero, 100, TimeSpan.FromMilliseconds(11), TimeSpan.Zero, 0);

    private const int Most = 10_000;                        // windows that a test goes on for what never comes

    private readonly ShedController _controller = new(new ShedBounds(TimeSpan.FromMilliseconds(10)), Start);
    private MediaTime _now = Start;

    [Fact]
    public void OnTurn_OneLateWindow_ChangesNothing()
    {
        for (int i = 0; i < 50; i++)
        {
            Assert.False(Window(Late));
            Assert.False(Window(Calm));
        }

        Assert.Equal(ShedStep.None, _controller.Step);
    }

    [Fact]
    public void OnTurn_LateForHalfASecond_ShedsOneStep()
    {
        Assert.False(Window(Late));
        Assert.True(Window(Late));

        Assert.Equal((ShedStep.Repairs, ShedCause.PacketAge), (_controller.Step, _controller.Cause));
        Assert.Equal(1, _controller.Busy);
    }

    [Fact]
    public void OnTurn_LateForLong_ShedsStepByStepToAllVideoAndNoFurther()
    {
        int changes = 0;
        for (int i = 0; i < 40; i++)
            if (Window(Late)) changes++;

        Assert.Equal((8, ShedStep.AllVideo), (changes, _controller.Step));
    }

    [Fact]
    public void OnTurn_VeryLate_ShedsAStepEveryWindow()
    {
        for (int step = 1; step <= 8; step++)
        {
            Assert.True(Window(Late with { Age = TimeSpan.FromMilliseconds(41) }));
            Assert.Equal((ShedStep)step, _controller.Step);
        }
    }

    [Fact]
    public void OnTurn_SocketDrops_AreACause()
    {
        Window(Calm with { Idle = TimeSpan.Zero, KernelDrops = 1 });
        Window(Calm with { Idle = TimeSpan.Zero, KernelDrops = 1 });

        Assert.Equal((ShedStep.Repairs, ShedCause.SocketDrops), (_controller.Step, _controller.Cause));
    }

    [Fact]
    public void OnTurn_TimersTwiceAsLate_AreACause()
    {
        Window(Calm with { Idle = TimeSpan.Zero, TimerLate = TimeSpan.FromMilliseconds(20) });
        Window(Calm with { Idle = TimeSpan.Zero, TimerLate = TimeSpan.FromMilliseconds(20) });
        Assert.Equal(ShedStep.None, _controller.Step);
        Window(Calm with { Idle = TimeSpan.Zero, TimerLate = TimeSpan.FromMilliseconds(21) });
        Window(Calm with { Idle = TimeSpan.Zero, TimerLate = TimeSpan.FromMilliseconds(21) });

        Assert.Equal((ShedStep.Repairs, ShedCause.TimersLate), (_controller.Step, _controller.Cause));
    }

    [Fact]
    public void OnTurn_OneTurnWithLateTimersAmongMany_IsAHiccup()
    {
        for (int i = 0; i < 20; i++)
        {
            for (int turn = 0; turn < 2; turn++) Assert.False(_controller.OnTurn(_now + TimeSpan.FromMilliseconds(1), Calm with { Idle = TimeSpan.Zero }));
            Assert.False(Window(Calm with { Idle = TimeSpan.Zero, TimerLate = TimeSpan.FromSeconds(1) }));
        }
    }

    [Fact]
    public void OnTurn_LateButMostlyIdle_IsTheMachinesFault()
    {
        for (int i = 0; i < 20; i++)
            Assert.False(Window(Late with { Idle = TimeSpan.FromMilliseconds(126), KernelDrops = 5, TimerLate = TimeSpan.FromSeconds(1) }));
    }

    [Fact]
    public void OnTurn_FewerThanHalfThePacketsLate_ChangesNothing()
    {
        for (int i = 0; i < 20; i++)
        {
            Assert.False(_controller.OnTurn(_now + TimeSpan.FromMilliseconds(1), Late with { Packets = 49 }));
            Assert.False(Window(Calm with { Idle = TimeSpan.Zero, Packets = 51 }));
        }
    }

    [Fact]
    public void OnTurn_CalmForTwoSeconds_TakesOneStepBack()
    {
        Window(Late);
        Window(Late);
        Window(Late);
        Window(Late);
        Assert.Equal(ShedStep.TopTemporalLayer, _controller.Step);
        int windows = 0;
        do windows++;
        while (!Window(Calm) && windows < Most);

        Assert.Equal((8, ShedStep.Repairs, ShedCause.Recovered), (windows, _controller.Step, _controller.Cause));
    }

    [Fact]
    public void OnTurn_NeitherLateNorCalm_KeepsTheStep()
    {
        Window(Late);
        Window(Late);
        for (int i = 0; i < 200; i++)
        {
            Assert.False(Window(Calm with { Idle = TimeSpan.FromMilliseconds(30) }));                  // 88 % busy
            Assert.False(Window(Calm with { TimerLate = TimeSpan.FromMilliseconds(11) }));
        }

        Assert.Equal(ShedStep.Repairs, _controller.Step);
    }

    [Fact]
    public void OnTurn_LoadThatIsTooMuchWithoutTheStep_IsTriedEverMoreRarely()
    {
        var rises = new List<MediaTime>();
        while (_now - Start < TimeSpan.FromMinutes(10))
        {
            bool isTooMuch = _controller.Step == ShedStep.None;
            if (Window(isTooMuch ? Late : Calm) && _controller.Cause == ShedCause.Recovered) rises.Add(_now);
        }

        Assert.InRange(rises.Count, 8, 16);                // every 2 s it would be some 240
        Assert.True(rises[^1] - rises[^2] >= ShedBounds.MaxRiseAfter);
    }

    [Fact]
    public void OnTurn_LongAfterTheLastTrouble_ComesBackFastAgain()
    {
        for (int i = 0; i < Most && _controller.RisesAfter < TimeSpan.FromSeconds(30); i++) Window(_controller.Step == ShedStep.None ? Late : Calm);
        for (int i = 0; i < Most && _controller.Step != ShedStep.None; i++) Window(Calm);
        Assert.Equal(ShedStep.None, _controller.Step);
        for (int i = 0; i < 300; i++) Window(Calm);

        Assert.Equal(ShedBounds.RiseAfter, _controller.RisesAfter);
    }

    [Fact]
    public void OnTurn_SwitchedOff_NeverSheds()
    {
        var controller = new ShedController(new ShedBounds(TimeSpan.Zero), Start);
        for (int i = 1; i < 40; i++) Assert.False(controller.OnTurn(Start + i * ShedBounds.Window, Late with { KernelDrops = 9 }));
    }

    /// <summary>Any run of turns: one step at a time, down after two late windows in a row and never else, back only after calm time.</summary>
    [Fact]
    public void AnyTurns_FollowTheRules() =>
        Gen.Select(Gen.Int[1, 400], Gen.Int[0, 250], Gen.Int[0, 30], Gen.Int[0, 40], Gen.Frequency((8, Gen.Const(0)), (1, Gen.Const(3)))).Array[1, 300]
            .Sample(turns =>
            {
                var controller = new ShedController(new ShedBounds(TimeSpan.FromMilliseconds(10)), Start);
                MediaTime now = Start, changedAt = Start, lateAt = Start;
                foreach ((int length, int idle, int age, int timer, int drops) in turns)
                {
                    now += TimeSpan.FromMilliseconds(length);
                    ShedStep before = controller.Step;
                    var turn = new TurnMeasure(
                        TimeSpan.FromMilliseconds(Math.Min(idle, length)), 10, TimeSpan.FromMilliseconds(age), TimeSpan.FromMilliseconds(timer), (uint)drops);
                    if (age > 10 || timer > 10 || drops > 0) lateAt = now;
                    bool isChanged = controller.OnTurn(now, turn);
                    Assert.Equal(isChanged, before != controller.Step);
                    if (!isChanged) continue;
                    Assert.Equal(1, Math.Abs(controller.Step - before));
                    if (controller.Step > before)
                    {
                        Assert.NotEqual(ShedCause.Recovered, controller.Cause);
                        Assert.True(now - changedAt >= 2 * ShedBounds.Window);
                        Assert.True(controller.Busy >= ShedBounds.LateBusy);
                    }
                    else
                    {
                        Assert.Equal(ShedCause.Recovered, controller.Cause);
                        Assert.True(now - changedAt >= ShedBounds.RiseAfter);
                        Assert.True(lateAt < now);         // the turn that ends the calm time was calm
                        Assert.True(controller.Busy < ShedBounds.CalmBusy);
                    }

                    changedAt = now;
                }
            });

    private bool Window(in TurnMeasure turn)
    {
        _now += ShedBounds.Window;
        return _controller.OnTurn(_now, turn);
    }
}
