using CsCheck;

namespace Sfu.Tests.Nodes.Recording;

/// <summary>Random lives of a room: exactly the packets that may be in the journal are copied, and none that may not, whatever happens in which order.</summary>
public sealed class RoomTapsModelTests
{
    [Fact]
    public void RandomLife_CopiesExactlyWhatMayBeInTheJournal() =>
        Gen.Select(Gen.Int[0, RoomTapsRun.Operations - 1], Gen.Int[0, 1000], Gen.Int[0, 1000]).List[1, 120].Sample(
            steps =>
            {
                using var run = new RoomTapsRun();
                foreach ((int operation, int a, int b) in steps) run.Step(operation, a, b);
                run.Settle();
            }, iter: 3000, print: steps => string.Join(' ', steps));

    /// <summary>A packet received in a pause is looked at when the next one is ordered already: what lies between them opens nothing for it.</summary>
    [Fact]
    public void Receive_LookedAtAfterTwoChanges_IsMaskedByTheFirst()
    {
        using var run = new RoomTapsRun();
        run.Begin();
        run.Join("ann");
        run.Publish();
        run.Settle();
        run.PauseParticipant();
        run.Pass(500);
        run.Resume();
        run.Pass(20);
        run.PauseRoom();
        Assert.False(run.Receive(track: 0, lag: 5));
    }

    /// <summary>The model is no mirror: a life of which the outcome is known by hand.</summary>
    [Fact]
    public void KnownLife_IsRecordedAsItWouldBeByHand()
    {
        using var run = new RoomTapsRun();
        run.Begin();
        run.Join("ann");
        run.Publish();
        run.Settle();
        Assert.True(run.Receive(track: 0, lag: 0));
        run.PauseParticipant();
        run.Pass(19);
        Assert.True(run.Receive(track: 0, lag: 0));
        run.Pass(1);
        Assert.False(run.Receive(track: 0, lag: 0));
        run.Rejoin();
        run.Publish();
        run.Settle();
        Assert.False(run.Receive(track: 0, lag: 0));
        run.Pass(500);
        run.Resume();
        Assert.False(run.Receive(track: 0, lag: 0));
        run.Pass(20);
        Assert.True(run.Receive(track: 0, lag: 0));
    }
}
