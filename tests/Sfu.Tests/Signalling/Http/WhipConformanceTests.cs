using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sfu.Configuration;
using Sfu.Nodes;
using Sfu.Rooms;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Http;

/// <summary>The table of WHIP and WHEP (docs/api.md), row by row, over a real Kestrel.</summary>
public sealed partial class WhipConformanceTests : IAsyncLifetime
{
    private const string Sdp = "application/sdp";
    private const string Trickle = "application/trickle-ice-sdpfrag";

    private SignallingServer _server = null!;

    private World World => _server.World;

    public async Task InitializeAsync() => _server = await SignallingServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("/whip/sales")]
    [InlineData("/whep/sales/pub")]
    [InlineData("/whep/sales")]
    public async Task Options_OfAnEndpoint_NeedsNoToken(string path)
    {
        using HttpResponseMessage answer = await _server.SendAsync("OPTIONS", path);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(Sdp, Header(answer, "Accept-Post"));
        AssertPreflight(answer);
    }

    [Fact]
    public async Task Options_OfASession_NamesTheFragment()
    {
        using HttpResponseMessage answer = await _server.SendAsync("OPTIONS", "/whip/sales/s/whatever");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(Trickle, Header(answer, "Accept-Patch"));
        AssertPreflight(answer);
    }

    [Fact]
    public async Task Options_IceServers_WithCredentialsForTokensOnly()
    {
        AddServers();
        using HttpResponseMessage open = await _server.SendAsync("OPTIONS", "/whip/sales");
        Assert.Equal(["<stun:stun.example>; rel=\"ice-server\""], open.Headers.GetValues("Link"));
        using HttpResponseMessage known = await _server.SendAsync("OPTIONS", "/whip/sales", "ann");
        Assert.Equal(3, known.Headers.GetValues("Link").Count());
        using HttpResponseMessage wrong = await _server.SendAsync("OPTIONS", "/whip/sales", "bad");
        Assert.Single(wrong.Headers.GetValues("Link"));
    }

    [Theory]
    [InlineData("/whip/sales")]
    [InlineData("/whep/sales/pub")]
    public async Task GetAndHead_OfAnEndpoint_HaveNoBody(string path)
    {
        using HttpResponseMessage get = await _server.SendAsync("GET", path);
        Assert.True(get.IsSuccessStatusCode);
        Assert.Empty(await get.Content.ReadAsByteArrayAsync());
        using HttpResponseMessage head = await _server.SendAsync("HEAD", path);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(Sdp, head.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("PUT", "/whip/sales", "POST")]
    [InlineData("DELETE", "/whip/sales", "POST")]
    [InlineData("PATCH", "/whep/sales/pub", "POST")]
    [InlineData("PUT", "/whip/sales/s/x", "DELETE")]
    [InlineData("POST", "/whep/sales/pub/s/x", "PATCH")]
    public async Task Method_OfAnother_IsNotAllowedWithAllow(string method, string path, string allowed)
    {
        using HttpResponseMessage answer = await _server.SendAsync(method, path, "ann", "x", Sdp);
        Assert.Contains(allowed, answer.Content.Headers.Allow);
        await AssertProblemAsync(answer, 405, "method_not_allowed");
    }

    [Theory]
    [InlineData("/whip/sales", null, Sdp, "good", 401, "unauthorized")]
    [InlineData("/whip/sales", "bad", Sdp, "good", 401, "unauthorized")]
    [InlineData("/whip/sales", "ann+room=other", Sdp, "good", 403, "forbidden")]
    [InlineData("/whip/sales", "ann+nojoin", Sdp, "good", 403, "forbidden")]
    [InlineData("/whip/sales", "ann+viewer", Sdp, "good", 403, "forbidden")]
    [InlineData("/whip/sales", "ann", "text/plain", "good", 415, "bad_message")]
    [InlineData("/whip/sales", "ann", null, "good", 415, "bad_message")]
    [InlineData("/whip/sales", "ann", Sdp, "", 400, "bad_sdp")]
    [InlineData("/whip/sales", "ann", Sdp, "this is no sdp", 400, "bad_sdp")]
    [InlineData("/whip/sales", "ann", Sdp, "recvonly", 422, "bad_sdp")]
    [InlineData("/whip/sales", "ann", Sdp, "inactive", 422, "bad_sdp")]
    [InlineData("/whip/sales", "ann", Sdp, "large", 413, "limit")]
    [InlineData("/whep/sales/pub", null, Sdp, "good", 401, "unauthorized")]
    [InlineData("/whep/sales/pub", "ann+room=other", Sdp, "recvonly", 403, "forbidden")]
    [InlineData("/whep/sales/pub", "ann+nosub", Sdp, "recvonly", 403, "forbidden")]
    [InlineData("/whep/sales/ann", "ann", Sdp, "recvonly", 403, "forbidden")]
    [InlineData("/whep/sales/pub", "ann", Sdp, "good", 422, "bad_sdp")]
    [InlineData("/whep/sales/nobody", "ann", Sdp, "recvonly", 404, "not_found")]
    [InlineData("/whep/sales", "ann", Sdp, "recvonly", 404, "mix_unavailable")]
    [InlineData("/whip/sales/s/unknown", "ann", Sdp, "good", 405, "method_not_allowed")]
    public async Task Post_Refused_AnswersAProblem(string path, string? token, string? type, string body, int status, string code)
    {
        string sdp = body switch
        {
            "good" => Offers.Send,
            "recvonly" or "inactive" => Offers.Of(body, ["audio", "video"]),
            "large" => "v=0\r\n".PadRight(300_000, 'x'),
            _ => body,
        };
        using HttpResponseMessage answer = await _server.SendAsync("POST", path, token, sdp, type);
        await AssertProblemAsync(answer, status, code);
        Assert.Equal(status is 401 or 403 ? [(code, 1)] : [], World.JoinOutcomes());
        if (status == 401) Assert.StartsWith("Bearer", Header(answer, "WWW-Authenticate"), StringComparison.Ordinal);
        Assert.DoesNotContain(World.Sales.Calls, call => call.StartsWith("join", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/whip/sales")]
    [InlineData("/whep/sales/pub")]
    public async Task Post_TwentyBadTokens_CloseTheAddressAndAreCounted(string path)
    {
        for (int i = 0; i < 20; i++) (await _server.SendAsync("POST", path, $"bad{i}", Offers.Send, Sdp)).Dispose();
        using HttpResponseMessage answer = await _server.SendAsync("POST", path, "ann", Offers.Send, Sdp);
        await AssertProblemAsync(answer, 429, "limit");
        Assert.Equal([("limit", 1), ("unauthorized", 20)], World.JoinOutcomes());
    }

    [Theory]
    [InlineData("two audio sections", 422)]
    [InlineData("two video sections", 422)]
    [InlineData("two streams", 422)]
    [InlineData("data channel", 422)]
    [InlineData("no section", 422)]
    [InlineData("rejected section", 422)]
    [InlineData("sendrecv", 201)]
    [InlineData("audio only", 201)]
    [InlineData("no stream", 201)]
    [InlineData("one stream", 201)]
    public async Task Post_OffersOfWhip_AreAllOrNothing(string offer, int status)
    {
        string sdp = offer switch
        {
            "two audio sections" => Offers.Of("sendonly", ["audio", "audio"]),
            "two video sections" => Offers.Of("sendonly", ["video", "video"]),
            "two streams" => Offers.Of("sendonly", ["audio", "video"], ["a", "b"]),
            "data channel" => Offers.Of("sendonly", ["audio", "application"]),
            "no section" => Offers.Of("sendonly", []),
            "rejected section" => Offers.Send.Replace("m=video 9", "m=video 0", StringComparison.Ordinal),
            "audio only" => Offers.Of("sendonly", ["audio"]),
            "no stream" => Offers.Of("sendonly", ["audio", "video"], ["-", "-"]),
            "one stream" => Offers.Of("sendonly", ["audio", "video"], ["a", "a"]),
            _ => Offers.Of(offer, ["audio", "video"]),
        };
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whip/sales", "ann", sdp, Sdp);
        Assert.Equal(status, (int)answer.StatusCode);
        if (status != 201) await AssertProblemAsync(answer, status, "bad_sdp");
    }

    [Fact]
    public async Task Post_BundleOnlySection_IsLive()
    {
        string sdp = Offers.Send.Replace("m=video 9", "m=video 0", StringComparison.Ordinal)
            .Replace("a=mid:1\r\n", "a=mid:1\r\na=bundle-only\r\n", StringComparison.Ordinal);
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whip/sales", "ann", sdp, Sdp);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    [Theory]
    [InlineData("no_common_codec", 422)]
    [InlineData("bad_sdp", 422)]
    [InlineData("forbidden", 403)]
    [InlineData("limit", 429)]
    [InlineData("bad_state", 409)]
    [InlineData("internal", 500)]
    public async Task Post_MediaRefuses_LeavesAgain(string code, int status)
    {
        World.Media.Answer = _ => new MediaAnswer(null, new Dictionary<string, AnsweredSection>(), new MediaError(code, null, "Why."));
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whip/sales", "ann", Offers.Send, Sdp);
        await AssertProblemAsync(answer, status, code);
        if (status == 429) Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Empty(World.Sales.Participants);
        Assert.True(World.Media.Last.IsDisposed);
    }

    [Theory]
    [InlineData(RoomErrorCode.Limit, 429, "limit", true)]
    [InlineData(RoomErrorCode.RoomFull, 503, "room_full", true)]
    [InlineData(RoomErrorCode.Draining, 503, "draining", true)]
    [InlineData(RoomErrorCode.TryAgain, 503, "internal", true)]
    [InlineData(RoomErrorCode.RoomLocked, 403, "room_locked", false)]
    [InlineData(RoomErrorCode.Forbidden, 403, "forbidden", false)]
    [InlineData(RoomErrorCode.NotFound, 404, "not_found", false)]
    public async Task Post_RoomRefuses_AnswersItsProblem(RoomErrorCode error, int status, string code, bool hasRetryAfter)
    {
        World.JoinOverride = new JoinRefused(new RoomError(error, "No.", hasRetryAfter ? TimeSpan.FromMilliseconds(1500) : null));
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whip/sales", "ann", Offers.Send, Sdp);
        await AssertProblemAsync(answer, status, code);
        Assert.Equal(hasRetryAfter ? TimeSpan.FromSeconds(2) : null, answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Post_NodeDrains_IsServiceUnavailableWithRetryAfter()
    {
        World.IsDraining = true;
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whip/sales", "ann", Offers.Send, Sdp);
        Assert.NotNull(answer.Headers.RetryAfter);
        await AssertProblemAsync(answer, 503, "draining");
    }

    [Fact]
    public async Task Post_RoomThrows_IsServiceUnavailable()
    {
        World.Sales.Failure = new TimeoutException("no silo");
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whip/sales", "ann", Offers.Send, Sdp);
        await AssertProblemAsync(answer, 503, "internal");
        Assert.Contains("no silo", World.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_RoomWithLobby_IsForbiddenAndLeavesAgain()
    {
        World.Sales.Info = World.Sales.Info with { Settings = World.Sales.Info.Settings with { Lobby = true } };
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whip/sales", "ann", Offers.Send, Sdp);
        await AssertProblemAsync(answer, 403, "forbidden");
        Assert.Empty(World.Sales.Snapshot.Waiting);
    }

    [Fact]
    public async Task Post_TwentyBadTokens_CloseTheAddressForAMinute()
    {
        for (int i = 0; i < 20; i++) (await _server.SendAsync("POST", "/whip/sales", "bad", Offers.Send, Sdp)).Dispose();
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whip/sales", "ann", Offers.Send, Sdp);
        Assert.Equal(TimeSpan.FromMinutes(1), answer.Headers.RetryAfter?.Delta);
        await AssertProblemAsync(answer, 429, "limit");
    }

    [Fact]
    public async Task Post_Good_Answers201WithAllHeaders()
    {
        AddServers();
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whip/sales", "ann", Offers.Send, "application/sdp; charset=utf-8");
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal(Sdp, answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(FakeMediaSession.Good.Sdp, await answer.Content.ReadAsStringAsync());
        Assert.Matches(SessionPath(), answer.Headers.Location!.OriginalString);
        Assert.Matches("^\"[^\"]+\"$", Header(answer, "ETag"));
        Assert.Equal("*", Header(answer, "Access-Control-Allow-Origin"));
        string exposed = Header(answer, "Access-Control-Expose-Headers");
        foreach (string name in (string[])["location", "etag", "link", "retry-after"]) Assert.Contains(name, exposed, StringComparison.Ordinal);

        string[] links = [.. answer.Headers.GetValues("Link")];
        Assert.Contains("<stun:stun.example>; rel=\"ice-server\"", links);
        Assert.Contains("<turn:fixed.example>; rel=\"ice-server\"; username=\"u\"; credential=\"p\"; credential-type=\"password\"", links);
        Assert.Contains(links, link => link.StartsWith("<turn:timed.example?transport=tcp>; rel=\"ice-server\"; username=\"1760000600:ann\"; credential=\"", StringComparison.Ordinal));

        Participant self = World.Sales["ann"];
        Assert.Equal(ClientProtocol.Whip, self.Client.Protocol);
        Assert.Equal("", self.SecretHash);
        Assert.Equal(new MediaSessionMode(false, null, true), World.Media.Last.Mode);
    }

    [Fact]
    public async Task Patch_Candidates_AreTakenWithoutETag()
    {
        (string session, string tag) = await PublishAsync();
        foreach (string candidate in (string[])["candidate:1 1 UDP 1 192.0.2.1 5000 typ host", "candidate:1 1 UDP 1 4a1b.local 5000 typ host", "candidate:1 1 SCTP 1 192.0.2.1 5000 typ host"])
        {
            using HttpResponseMessage answer = await PatchAsync(session, tag, Offers.Fragment(candidate: candidate));
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            Assert.Null(answer.Headers.ETag);
        }

        // Other credentials under the present tag are candidates of an unknown transport: dropped.
        using HttpResponseMessage other = await PatchAsync(session, tag, Offers.Fragment("wxyz"));
        Assert.Equal(HttpStatusCode.NoContent, other.StatusCode);
        using HttpResponseMessage listed = await PatchAsync(session, $"\"x\", {tag}", Offers.Fragment());
        Assert.Equal(HttpStatusCode.NoContent, listed.StatusCode);
        Assert.DoesNotContain(World.Media.Last.Calls, call => call.StartsWith("restart", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, Trickle, "good", 428, "bad_message")]
    [InlineData("\"stale\"", Trickle, "good", 412, "bad_state")]
    [InlineData("weak", Trickle, "good", 412, "bad_state")]
    [InlineData("unquoted", Trickle, "good", 412, "bad_state")]
    [InlineData("current", "text/plain", "good", 415, "bad_message")]
    [InlineData("current", Trickle, "no fragment", 400, "bad_sdp")]
    [InlineData("current", Trickle, "", 400, "bad_sdp")]
    [InlineData("*", Trickle, "no fragment", 400, "bad_sdp")]
    [InlineData("current", Trickle, "large", 413, "limit")]
    public async Task Patch_Refused_AnswersAProblemAndTheSessionLives(string? match, string type, string body, int status, string code)
    {
        (string session, string tag) = await PublishAsync();
        string? header = match switch { "current" => tag, "weak" => $"W/{tag}", "unquoted" => tag.Trim('"'), _ => match };
        string text = body switch { "good" => Offers.Fragment(), "large" => new string('a', 300_000), _ => body };
        using HttpResponseMessage answer = await _server.SendAsync(
            "PATCH", session, "ann", text, type, header is null ? [] : [("If-Match", header)]);
        await AssertProblemAsync(answer, status, code);
        using HttpResponseMessage still = await _server.SendAsync("GET", session, "ann");
        Assert.True(still.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Patch_NewCredentials_RestartsIce()
    {
        (string session, string tag) = await PublishAsync();
        using HttpResponseMessage answer = await PatchAsync(session, "*", Offers.Fragment("wxyz", "zyxwvutsrqponmlkjihgfe"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Trickle, answer.Content.Headers.ContentType?.MediaType);
        string fresh = Header(answer, "ETag");
        Assert.NotEqual(tag, fresh);
        string body = await answer.Content.ReadAsStringAsync();
        foreach (string line in (string[])["a=ice-lite", "a=ice-ufrag:newufrag", "a=ice-pwd:newpasswordnewpassword", "a=candidate:1 1 udp 1 192.0.2.7 7882 typ host"])
            Assert.Contains(line + "\r\n", body, StringComparison.Ordinal);
        Assert.Equal("restart wxyz", World.Media.Last.Calls[^1]);

        using HttpResponseMessage stale = await PatchAsync(session, tag, Offers.Fragment("wxyz"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
        using HttpResponseMessage trickle = await PatchAsync(session, fresh, Offers.Fragment("wxyz"));
        Assert.Equal(HttpStatusCode.NoContent, trickle.StatusCode);
        using HttpResponseMessage again = await PatchAsync(session, "*", Offers.Fragment("wxyz", "zyxwvutsrqponmlkjihgfe"));
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
    }

    [Fact]
    public async Task Patch_RestartRefused_IsConflictAndTheTagStays()
    {
        (string session, string tag) = await PublishAsync();
        World.Media.Last.Restart = null;
        using HttpResponseMessage answer = await PatchAsync(session, "*", Offers.Fragment("wxyz"));
        await AssertProblemAsync(answer, 409, "bad_state");
        using HttpResponseMessage trickle = await PatchAsync(session, tag, Offers.Fragment());
        Assert.Equal(HttpStatusCode.NoContent, trickle.StatusCode);
    }

    [Theory]
    [InlineData(null, 401, "unauthorized")]
    [InlineData("bad", 401, "unauthorized")]
    [InlineData("mallory", 403, "forbidden")]
    [InlineData("ann+room=other", 403, "forbidden")]
    public async Task Session_OfAnother_IsRefused(string? token, int status, string code)
    {
        (string session, string tag) = await PublishAsync();
        foreach (string method in (string[])["DELETE", "PATCH", "GET"])
        {
            using HttpResponseMessage answer = method == "PATCH"
                ? await _server.SendAsync(method, session, token, Offers.Fragment(), Trickle, ("If-Match", tag))
                : await _server.SendAsync(method, session, token);
            await AssertProblemAsync(answer, status, code);
        }

        Assert.Single(World.Sales.Participants);
    }

    [Fact]
    public async Task Session_UnderAnotherEndpoint_IsNotFound()
    {
        (string session, string _) = await PublishAsync();
        string id = session[(session.LastIndexOf('/') + 1)..];
        foreach (string path in (string[])[$"/whep/sales/ann/s/{id}", $"/whep/sales/s/{id}", "/whip/sales/s/nonsense"])
        {
            using HttpResponseMessage answer = await _server.SendAsync("DELETE", path, "ann");
            await AssertProblemAsync(answer, 404, "not_found");
        }
    }

    [Fact]
    public async Task Delete_OnceIs200_ThenNotFound()
    {
        (string session, string _) = await PublishAsync();
        using HttpResponseMessage first = await _server.SendAsync("DELETE", session, "ann", null, null, ("If-Match", "\"stale\""));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Empty(World.Sales.Participants);
        Assert.True(World.Media.Last.IsDisposed);
        using HttpResponseMessage second = await _server.SendAsync("DELETE", session, "ann");
        await AssertProblemAsync(second, 404, "not_found");
    }

    [Fact]
    public async Task Get_OfASession_HasItsTagAndNoBody()
    {
        (string session, string tag) = await PublishAsync();
        foreach (string method in (string[])["GET", "HEAD"])
        {
            using HttpResponseMessage answer = await _server.SendAsync(method, session, "ann");
            Assert.True(answer.IsSuccessStatusCode);
            Assert.Equal(tag, Header(answer, "ETag"));
            Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [GeneratedRegex("^/whip/sales/s/[A-Za-z0-9_-]{32,}$")]
    private static partial Regex SessionPath();

    private static string Header(HttpResponseMessage answer, string name) => string.Join(", ", answer.Headers.GetValues(name));

    private static void AssertPreflight(HttpResponseMessage answer)
    {
        Assert.Equal("*", Header(answer, "Access-Control-Allow-Origin"));
        foreach (string method in (string[])["GET", "HEAD", "POST", "PATCH", "DELETE"])
            Assert.Contains(method, Header(answer, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        foreach (string name in (string[])["authorization", "content-type", "if-match"])
            Assert.Contains(name, Header(answer, "Access-Control-Allow-Headers"), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    private static async Task AssertProblemAsync(HttpResponseMessage answer, int status, string code)
    {
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{(int)answer.StatusCode} {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("*", Header(answer, "Access-Control-Allow-Origin"));
        using JsonDocument problem = JsonDocument.Parse(text);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Equal(code, problem.RootElement.GetProperty("code").GetString());
        foreach (string member in (string[])["type", "title", "detail"]) Assert.NotEmpty(problem.RootElement.GetProperty(member).GetString()!);
    }

    private async Task<(string Session, string Tag)> PublishAsync()
    {
        using HttpResponseMessage answer = await _server.SendAsync("POST", "/whip/sales", "ann", Offers.Send, Sdp);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (answer.Headers.Location!.OriginalString, Header(answer, "ETag"));
    }

    private Task<HttpResponseMessage> PatchAsync(string session, string match, string fragment) =>
        _server.SendAsync("PATCH", session, "ann", fragment, Trickle, ("If-Match", match));

    private void AddServers()
    {
        World.Options.IceServers.Add(new IceServerOptions { Urls = { "stun:stun.example" } });
        World.Options.IceServers.Add(new IceServerOptions { Urls = { "turn:fixed.example" }, Username = "u", Credential = "p" });
        World.Options.IceServers.Add(new IceServerOptions { Urls = { "turn:timed.example?transport=tcp" }, Secret = "s" });
    }
}
