using CsCheck;
using Sfu.Media.Time;
using Sfu.Router.Overload;

namespace Sfu.Router.Tests.Overload;

/// <summary>The burst window: its bounds, and what it does to the work of a worker in virtual time.</summary>
public sealed class BurstWindowTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(100);

    [Fact]
    public void Of_AnyBusyShare_KeepsToItsBoundsAndGrows() =>
        Gen.Double[0, 1.2].Sample(busy =>
        {
            TimeSpan window = BurstWindow.Of(busy);
            Assert.InRange(window, TimeSpan.Zero, busy < 0.25 ? TimeSpan.Zero : busy < 0.8 ? BurstWindow.Short : BurstWindow.Long);
            Assert.True(BurstWindow.Of(busy + 0.01) >= window);
        });

    [Fact]
    public void WaitFrom_Deadline_IsNotMissed()
    {
        BurstWindow window = BusyAt(0.95);

        window.OnTaken(Start);
        Assert.InRange(window.WaitFrom(Start, MediaTime.Never), TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(5));
        Assert.Equal(TimeSpan.FromMilliseconds(1), window.WaitFrom(Start, Start + TimeSpan.FromMilliseconds(1)));
        Assert.Equal(TimeSpan.Zero, window.WaitFrom(Start, Start));
    }

    [Fact]
    public void WaitFrom_PacketsTakenLongAgo_IsNothing()
    {
        BurstWindow window = BusyAt(1);
        window.OnTaken(Start);

        Assert.Equal(TimeSpan.Zero, window.WaitFrom(Start + TimeSpan.FromMilliseconds(5), MediaTime.Never));
    }

    [Fact]
    public void OnTurn_AfterAPause_ForgetsThatItWasBusy()
    {
        BurstWindow window = BusyAt(1);
        window.OnTurn(_end + TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.99));

        Assert.InRange(window.Busy, 0, 0.02);
    }

    /// <summary>Fifty viewers, a packet costs 0.5 us, a message 2 us, a turn 20 us; one sender, so that each turn is a message to each viewer.</summary>
    [Theory]
    [InlineData(500, 0.0, 1.0, 1.0)]                       // packets a second; wait at most, in ms; packets a message
    [InlineData(5000, 1.0, 1.2, 4.0)]
    [InlineData(20_000, 5.0, 10.0, 100.0)]
    public void BusyWorker_SendsSeveralPacketsAMessageWithinTheBound(int rate, double mostMilliseconds, double leastK, double mostK)
    {
        (double k, TimeSpan worst, double busy) with = Simulate(rate, waits: true), without = Simulate(rate, waits: false);

        Assert.InRange(with.k, leastK, mostK);
        Assert.True(with.k >= without.k);
        Assert.True(with.worst - without.worst <= TimeSpan.FromMilliseconds(mostMilliseconds), $"{with.worst} against {without.worst}");
        if (with.k > without.k) Assert.True(with.busy < without.busy, $"{with.busy} against {without.busy}");
    }

    private MediaTime _end;

    private BurstWindow BusyAt(double share)
    {
        var window = new BurstWindow(Start);
        _end = Start;
        for (int i = 0; i < 20; i++)
        {
            _end += TimeSpan.FromMilliseconds(100);
            window.OnTurn(_end, TimeSpan.FromMilliseconds(100) * (1 - share));
        }

        return window;
    }

    /// <summary>Runs the worker's loop for two seconds on evenly spaced packets.</summary>
    /// <returns>Packets per message, the longest wait of a packet for its turn, the busy share; of the second second.</returns>
    private static (double K, TimeSpan Worst, double Busy) Simulate(int rate, bool waits)
    {
        const int viewers = 50;
        var window = new BurstWindow(Start);
        TimeSpan gap = TimeSpan.FromSeconds(1) / rate, idle = TimeSpan.Zero, worst = TimeSpan.Zero;
        MediaTime now = Start, next = Start, middle = Start + TimeSpan.FromSeconds(1), end = Start + TimeSpan.FromSeconds(2);
        long packets = 0, messages = 0;
        while (now < end)
        {
            MediaTime before = now;
            if (waits) now += window.WaitFrom(now, MediaTime.Never);
            if (next > now) now = next;
            window.OnTurn(now, now - before);
            bool counts = now >= middle;
            if (counts) idle += now - before;
            int taken = 0;
            for (; next <= now && taken < 256; next += gap, taken++)
                if (counts && now - next > worst) worst = now - next;
            window.OnTaken(now);
            if (counts)
            {
                packets += taken * viewers;
                messages += viewers;
            }

            now += TimeSpan.FromMicroseconds(20 + viewers * (2 + 0.5 * taken));
        }

        return ((double)packets / messages, worst, 1 - idle / (end - middle));
    }
}
