using Sfu.Media;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Workers;
using Sfu.Simulation.Clients;

namespace Sfu.Simulation.Scenarios;

/// <summary>Addresses that change, ICE restarts, consent.</summary>
public sealed class MobilityTests
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void NewAddress_ClientNotices_MediaIsBackWithinARoundTripAnd200Ms() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (SimulatedClient a, SimulatedClient b, IncomingTrack heard, IncomingTrack answered) = Talk(world);
        TransportAddress old = b.Address;
        b.MoveTo(world.Now, world.NextAddress(), notices: true);
        MediaTime movedAt = world.Now;

        bool isBack = world.RunUntil(() => heard.LastAt > movedAt && answered.LastAt > movedAt + RoundTrip, RoundTrip + TimeSpan.FromMilliseconds(200));

        Assert.True(isBack, $"heard until {heard.LastAt}, answered until {answered.LastAt}, moved at {movedAt}");
        world.RunFor(TimeSpan.FromSeconds(1));
        Assert.True(world.Server.Invariants.LastMedia[old] <= movedAt + RoundTrip, "media still goes to the old address");
        Assert.True(a.IsConnected && b.IsConnected);
        Assert.DoesNotContain(world.Server.Events, e => e.What is Router.Workers.Events.TransportClosed);
    });

    [Fact]
    public void NewAddress_NatRebindsUnnoticed_MediaIsBackWithTheNextCheck() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (_, SimulatedClient b, IncomingTrack heard, IncomingTrack answered) = Talk(world);
        b.MoveTo(world.Now, world.NextAddress(), notices: false);
        MediaTime movedAt = world.Now;

        bool isBack = world.RunUntil(() => heard.LastAt > movedAt && answered.LastAt > movedAt + RoundTrip, TimeSpan.FromSeconds(2.6) + RoundTrip);

        Assert.True(isBack);
        Assert.True(world.Server.Dropped(DropReason.UnknownSource) > 0, "media from the new address was taken before a check proved it");
    });

    [Fact]
    public void RestartIce_SameAddress_MediaNeverStopsAndTheOldNameIsForgotten() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (_, SimulatedClient b, IncomingTrack heard, IncomingTrack answered) = Talk(world);
        string oldUfrag = b.ServerCredentials.Ufrag;

        world.RestartIce(b);
        Assert.True(world.Server.Core.HasUfrag(System.Text.Encoding.ASCII.GetBytes(oldUfrag)), "checks under way still need the old name");
        world.RunFor(TimeSpan.FromSeconds(5));

        Assert.True(heard.LongestSilence <= TimeSpan.FromMilliseconds(25), $"{heard.LongestSilence}");
        Assert.True(answered.LongestSilence <= TimeSpan.FromMilliseconds(25), $"{answered.LongestSilence}");
        Assert.False(world.Server.Core.HasUfrag(System.Text.Encoding.ASCII.GetBytes(oldUfrag)), "the old name still leads to the transport");
    });

    [Fact]
    public void RestartIce_FromANewAddress_MovesMediaThere() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (_, SimulatedClient b, IncomingTrack heard, _) = Talk(world);
        TransportAddress old = b.Address;
        b.MoveTo(world.Now, world.NextAddress(), notices: false);
        world.RestartIce(b);
        MediaTime movedAt = world.Now;

        Assert.True(world.RunUntil(() => heard.LastAt > movedAt, RoundTrip + TimeSpan.FromMilliseconds(200)));
        Assert.Equal(0, heard.Duplicates);
        Assert.True(world.Server.Invariants.LastMedia[old] <= movedAt + RoundTrip);
    });

    [Fact]
    public void RestartIce_AnsweredNever_KeepsTheOldPair() => Seeds.Run(seed =>
    {
        using var world = new World(seed);
        (_, SimulatedClient b, IncomingTrack heard, _) = Talk(world);
        var unused = new IceCredentials("never-used", "never-used-never-used-1");

        world.Server.Execute(new Router.Workers.Commands.RestartIce(b.Id, unused, unused));
        world.RunFor(TimeSpan.FromSeconds(20));

        Assert.True(heard.LongestSilence <= TimeSpan.FromMilliseconds(25), $"{heard.LongestSilence}");
        Assert.True(world.Now - heard.LastAt <= TimeSpan.FromMilliseconds(25));
    });

    [Fact]
    public void Consent_ClientSilent_MediaToItStopsAfterThirtySeconds() => Seeds.Run(seed =>
    {
        // The participant's time-out is put behind consent, so that consent alone must stop the media (docs/threats.md T3).
        using var world = new World(seed, World.DefaultTimeouts with { Participant = TimeSpan.FromSeconds(60) });
        (_, SimulatedClient b, _, _) = Talk(world);
        MediaTime lastSent = world.Now;
        b.IsFrozen = true;
        world.RunFor(TimeSpan.FromSeconds(50));

        TimeSpan went = world.Server.Invariants.LastMedia[b.Address] - lastSent;
        Assert.InRange(went, TimeSpan.FromSeconds(27), TimeSpan.FromSeconds(30.0) + RoundTrip);
        Assert.True(world.Server.Dropped(DropReason.Closed) > 0);
    });

    [Fact]
    public void Consent_OnlyMediaComesAndNoChecks_MediaGoesOn() => Seeds.Run(seed =>
    {
        // libnice sends no checks after nomination: any packet with a valid tag is consent.
        using var world = new World(seed);
        (_, SimulatedClient b, IncomingTrack heard, _) = Talk(world);
        b.IsSilentOnIce = true;
        world.RunFor(TimeSpan.FromSeconds(70));

        Assert.True(world.Now - heard.LastAt <= TimeSpan.FromMilliseconds(25));
        Assert.True(heard.LongestSilence <= TimeSpan.FromMilliseconds(25), $"{heard.LongestSilence}");
    });

    /// <summary>Two clients that hear each other for two seconds.</summary>
    private static (SimulatedClient A, SimulatedClient B, IncomingTrack Heard, IncomingTrack Answered) Talk(World world)
    {
        var room = new RoomId(world.NextId());
        SimulatedClient a = world.Join(room), b = world.Join(room);
        IncomingTrack heard = world.Subscribe(b, world.Publish(a, MediaKind.Audio));
        IncomingTrack answered = world.Subscribe(a, world.Publish(b, MediaKind.Audio));
        world.ConnectAll();
        world.RunFor(TimeSpan.FromSeconds(2));
        Assert.True(heard.Received > 90 && answered.Received > 90);
        return (a, b, heard, answered);
    }
}
