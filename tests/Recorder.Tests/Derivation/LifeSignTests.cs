using Microsoft.Extensions.Time.Testing;
using Sfu.Recorder.Derivation;

namespace Sfu.Recorder.Tests.Derivation;

public sealed class LifeSignTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<double> _said = [];

    [Fact]
    public void Beat_ThousandsASecond_SaysTheLastProgressOnceASecond()
    {
        var life = new LifeSign(_time, _said.Add);
        for (int i = 0; i < 30_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(0.1));
            life.Beat();
            if (i == 14_000) life.Progress(0.25);
        }

        Assert.Equal([0, 0.25, 0.25], _said);
    }

    [Fact]
    public void Beat_NothingIsDone_NothingIsSaid()
    {
        _ = new LifeSign(_time, _said.Add);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Empty(_said);
    }
}
