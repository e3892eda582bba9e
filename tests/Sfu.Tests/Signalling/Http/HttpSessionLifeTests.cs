using System.Net;
using Sfu.Media.Rtp;
using Sfu.Nodes;
using Sfu.Rooms;
using Sfu.Signalling.Http;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Http;

/// <summary>How WHIP and WHEP sessions begin to play and end, over a real Kestrel with virtual time.</summary>
public sealed class HttpSessionLifeTests : IAsyncLifetime
{
    private const string Sdp = "application/sdp";
    private SignallingServer _server = null!;

    private World World => _server.World;

    public async Task InitializeAsync() => _server = await SignallingServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Whep_ParticipantPublishes_PlaysIt()
    {
        Participant pub = World.Sales.AddOther("pub/lic".Replace("/", " & ", StringComparison.Ordinal));
        World.Sales.Publish(pub.Id);
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whep/sales/pub%20%26%20lic", "viewer", Offers.Receive, Sdp);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.StartsWith("/whep/sales/pub%20%26%20lic/s/", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(new MediaSessionMode(true, "pub & lic", true), World.Media.Last.Mode);
        Assert.Equal(ClientProtocol.Whep, World.Sales["viewer"].Client.Protocol);
        using HttpResponseMessage deleted = await _server.SendAsync("DELETE", answer.Headers.Location.OriginalString, "viewer");
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
    }

    [Fact]
    public async Task Whep_ParticipantHasNoTrackYet_WaitsForIt()
    {
        Participant pub = World.Sales.AddOther("pub");
        Task<HttpResponseMessage> asked = _server.SendAsync("POST", "/whep/sales/pub", "viewer", Offers.Receive, Sdp);
        await UntilAsync(() => World.Hub.Subscriptions == 1);
        Assert.DoesNotContain(World.Sales.Participants, participant => participant.Identity == "viewer");
        World.Sales.Publish(pub.Id);
        using HttpResponseMessage answer = await asked;
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    [Fact]
    public async Task Whep_ParticipantComesBackAndPublishes_WaitsForIt()
    {
        Participant pub = World.Sales.AddOther("pub");
        Task<HttpResponseMessage> asked = _server.SendAsync("POST", "/whep/sales/pub", "viewer", Offers.Receive, Sdp);
        await UntilAsync(() => World.Hub.Subscriptions == 1);
        World.Sales.Remove(pub.Id, LeaveReason.DuplicateIdentity);
        World.Sales.Publish(World.Sales.AddOther("pub").Id);
        using HttpResponseMessage answer = await asked;
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    [Fact]
    public async Task Whep_NothingPublishedForTenSeconds_IsNotPublishing()
    {
        World.Sales.AddOther("pub");
        World.Sales.Publish(World.Sales.AddOther("other").Id);
        Task<HttpResponseMessage> asked = _server.SendAsync("POST", "/whep/sales/pub", "viewer", Offers.Receive, Sdp);
        await UntilAsync(() => World.Hub.Subscriptions == 1);
        World.Clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(asked.IsCompleted);
        World.Clock.Advance(TimeSpan.FromSeconds(0.1));
        using HttpResponseMessage answer = await asked;
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("\"code\":\"not_publishing\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(World.Sales.Calls, call => call == "join viewer");
    }

    [Fact]
    public async Task Whep_RoomUnknownOrParticipantHidden_IsNotFound()
    {
        World.Sales.AddOther("ghost", Rights.Hidden);
        using HttpResponseMessage hidden = await _server.SendAsync("POST", "/whep/sales/ghost", "viewer", Offers.Receive, Sdp);
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        World.Sales.Exists = false;
        using HttpResponseMessage unknown = await _server.SendAsync("POST", "/whep/sales/pub", "viewer", Offers.Receive, Sdp);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(
            (await hidden.Content.ReadAsStringAsync()), (await unknown.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Whep_PublisherLeaves_PlayerStaysThirtySeconds()
    {
        (Participant pub, string session) = await PlayAsync();
        World.Sales.Remove(pub.Id, LeaveReason.ClientLeft);
        await UntilAsync(() => World.Media.Last.Events.Count >= 2);
        World.Clock.Advance(TimeSpan.FromSeconds(29));
        using HttpResponseMessage still = await _server.SendAsync("GET", session, "viewer");
        Assert.True(still.IsSuccessStatusCode);
        // The exact time is LifeClock's; here the server's thread may have begun to count a little after the event.
        await UntilAsync(() =>
        {
            World.Clock.Advance(TimeSpan.FromSeconds(1));
            return World.Sales.Participants.Count == 0;
        });
        using HttpResponseMessage gone = await _server.SendAsync("GET", session, "viewer");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Theory]
    [InlineData(true, "closed_by_client", LeaveReason.ClientLeft)]
    [InlineData(true, "timeout", LeaveReason.Timeout)]
    [InlineData(true, "ice_timeout", LeaveReason.Timeout)]
    [InlineData(false, "dtls_failed", LeaveReason.ConnectionFailed)]
    public async Task Media_Closed_EndsTheSession(bool wasConnected, string reason, LeaveReason leave)
    {
        string session = await PublishAsync();
        FakeMediaSession media = World.Media.Last;
        if (wasConnected) media.Sink.OnMediaConnected();
        media.Sink.OnMediaClosed(reason);
        await UntilAsync(() => World.Sales.Participants.Count == 0);
        Assert.Contains(World.Sales.Calls, call => call.StartsWith($"leave {media.Participant} {leave}", StringComparison.Ordinal));
        Assert.True(media.IsDisposed);
        using HttpResponseMessage gone = await _server.SendAsync("DELETE", session, "ann");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Media_NotConnectedForThirtySeconds_EndsTheSession()
    {
        await PublishAsync();
        World.Clock.Advance(TimeSpan.FromSeconds(30));
        await UntilAsync(() => World.Sales.Participants.Count == 0);
        Assert.Contains(World.Sales.Calls, call => call.Contains("ConnectionFailed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Media_FirstPacket_IsMeasured()
    {
        await PlayAsync();
        World.Clock.Advance(TimeSpan.FromMilliseconds(250));
        World.Media.Last.Sink.OnFirstMedia(MediaKind.Audio, TimeSpan.FromSeconds(2));
        await UntilAsync(() => World.Scrape("sfu_first_frame_seconds_sum")["sfu_first_frame_seconds_sum{kind=\"audio\"}"] == 0.25);
    }

    [Fact]
    public async Task Media_Connected_IsMeasuredAndStays()
    {
        await PublishAsync();
        World.Clock.Advance(TimeSpan.FromMilliseconds(250));
        World.Media.Last.Sink.OnMediaConnected();
        await UntilAsync(() => World.JoinDurations().Count == 1);
        Assert.Equal(0.25, World.JoinDurations().Sum);
        World.Clock.Advance(TimeSpan.FromHours(1));
        await UntilAsync(() => _server.Registry.TryFindReceivers(World.SalesKey, new ParticipantId("x"), null, out var all) && all.Count == 1);
        Assert.Single(World.Sales.Participants);
    }

    [Theory]
    [InlineData(LeaveReason.Kicked)]
    [InlineData(LeaveReason.RoomClosed)]
    public async Task Room_RemovesTheParticipant_EndsTheSession(LeaveReason reason)
    {
        string session = await PublishAsync();
        FakeMediaSession media = World.Media.Last;
        World.Sales.Remove(media.Participant, reason);
        await UntilAsync(() => media.IsDisposed);
        using HttpResponseMessage gone = await _server.SendAsync("DELETE", session, "ann");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.DoesNotContain(World.Sales.Calls, call => call.StartsWith("leave", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Post_SameIdentityAgain_ReplacesTheOldSession()
    {
        string old = await PublishAsync();
        FakeMediaSession media = World.Media.Last;
        string fresh = await PublishAsync();
        await UntilAsync(() => media.IsDisposed);
        using HttpResponseMessage gone = await _server.SendAsync("GET", old, "ann");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        using HttpResponseMessage there = await _server.SendAsync("GET", fresh, "ann");
        Assert.True(there.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Client_GoneDuringThePost_LeavesAgain()
    {
        var gate = new TaskCompletionSource();
        World.Media.Gate = gate.Task;
        using var cut = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/whip/sales") { Content = new StringContent(Offers.Send) };
        request.Headers.Authorization = new("Bearer", "ann");
        request.Content.Headers.ContentType = new(Sdp);
        Task<HttpResponseMessage> asked = _server.Http.SendAsync(request, cut.Token);
        await UntilAsync(() => World.Media.Opened.Count == 1 && World.Media.Last.Calls.Count == 1);
        await cut.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await UntilAsync(() => World.Sales.Participants.Count == 0);
        Assert.True(World.Media.Last.IsDisposed);
    }

    [Fact]
    public async Task Server_Stops_TakesItsParticipantsOut()
    {
        await PublishAsync();
        World world = World;
        await _server.DisposeAsync();
        Assert.Contains(world.Sales.Calls, call => call.StartsWith($"leave {world.Media.Last.Participant} ServerShutdown", StringComparison.Ordinal));
        _server = await SignallingServer.StartAsync();
    }

    [Fact]
    public async Task Data_ToAWhipParticipant_IsDropped()
    {
        await PublishAsync();
        ParticipantId whip = World.Media.Last.Participant;
        Assert.True(_server.Registry.TryFindReceivers(World.SalesKey, new ParticipantId("x"), [whip], out _));
    }

    [Fact]
    public void LifeClock_PublisherComesBack_StaysOn()
    {
        var clock = new LifeClock(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), "pub");
        clock.Connected();
        Assert.Null(clock.Poll(TimeSpan.FromHours(1), out TimeSpan? next, out _));
        Assert.Null(next);
        var left = new ParticipantLeft(new ParticipantId("PA_1"), "pub", LeaveReason.Timeout, "", RoomActor.Server);
        clock.OnEvent(left with { Identity = "other" }, TimeSpan.FromSeconds(10));
        Assert.Null(clock.Poll(TimeSpan.FromHours(1), out next, out _));
        Assert.Null(next);
        clock.OnEvent(left, TimeSpan.FromSeconds(10));
        Assert.Null(clock.Poll(TimeSpan.FromSeconds(39), out next, out _));
        Assert.Equal(TimeSpan.FromSeconds(40), next);
        clock.OnEvent(new ParticipantJoined(World.Sales.AddOther("pub")), TimeSpan.FromSeconds(39));
        Assert.Null(clock.Poll(TimeSpan.FromHours(1), out _, out _));
        clock.OnEvent(left, TimeSpan.FromSeconds(50));
        Assert.Equal(LeaveReason.ClientLeft, clock.Poll(TimeSpan.FromSeconds(80), out _, out _));
    }

    private async Task<string> PublishAsync()
    {
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whip/sales", "ann", Offers.Send, Sdp);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return answer.Headers.Location!.OriginalString;
    }

    private async Task<(Participant Publisher, string Session)> PlayAsync()
    {
        Participant pub = World.Sales.AddOther("pub");
        World.Sales.Publish(pub.Id);
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whep/sales/pub", "viewer", Offers.Receive, Sdp);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        World.Media.Last.Sink.OnMediaConnected();
        await UntilAsync(() => World.JoinDurations().Count == 1);
        return (pub, answer.Headers.Location!.OriginalString);
    }

    /// <summary>Waits for what the server's own threads do.</summary>
    private static async Task UntilAsync(Func<bool> condition)
    {
        for (long began = Environment.TickCount64; !condition(); await Task.Yield())
            Assert.True(Environment.TickCount64 - began < Patience.Real.TotalMilliseconds, "The server did not do it in time.");
    }
}
