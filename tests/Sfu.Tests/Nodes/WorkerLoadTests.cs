using Microsoft.Extensions.Time.Testing;
using Sfu.Nodes.Workers;
using Sfu.Tests.Observability;

namespace Sfu.Tests.Nodes;

public sealed class WorkerLoadTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly WorkerLoad _load;

    public WorkerLoadTests() => _load = new WorkerLoad(_time);

    [Fact]
    public void Estimate_NoReportYet_IsWhatWasPlaced()
    {
        Assert.Equal(0, _load.Estimate(null));
        _load.Add(100);
        Assert.Equal(100 * WorkerLoad.CostGuess, _load.Estimate(null), 9);
    }

    [Fact]
    public void Estimate_PlacedSinceTheReport_IsExpectedOnTopOfIt()
    {
        Report(0.3);
        _load.Add(40);
        Assert.Equal(0.3 + 40 * WorkerLoad.CostGuess, _load.Estimate(null), 9);
        _load.Add(-60);
        Assert.Equal(0.3, _load.Estimate(null), 9);        // what left cannot be subtracted: it may have been cheap
    }

    [Fact]
    public void Estimate_CostOfAStream_IsLearntFromTheReport()
    {
        _load.Add(200);
        Report(0.4);
        _load.Add(10);
        Assert.Equal(0.4 + 10 * 0.002, _load.Estimate(null), 9);
    }

    [Fact]
    public void Estimate_StreamsOlderThanTheWindow_AreInTheReportsOnly()
    {
        Report(0.1);
        _load.Add(100);
        for (int second = 1; second <= 5; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Report(0.2);
        }

        Assert.Equal(0.2, _load.Estimate(null), 9);
    }

    [Fact]
    public void Estimate_ReportsOfTheWindow_AreAveraged()
    {
        foreach (double busy in (double[])[0.9, 0.1, 0.3, 0.5])
        {
            Report(busy);
            _time.Advance(TimeSpan.FromSeconds(1.1));
        }

        Report(0.4);                                       // of the last 3 s: 0.3, 0.5, 0.4
        Assert.Equal(0.4, _load.Estimate(null), 9);
    }

    private void Report(double busy) => _load.Estimate(FakeSnapshots.Make(busy: busy));
}
