using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sfu.Rest;
using Sfu.Tests.Hosting;

namespace Sfu.Tests.Rest;

/// <summary>T26: every route of <c>/v1</c>, taken from the route table, against tokens that must not pass.</summary>
public sealed class AccessTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly object AllGrants = new { room = "other", roomJoin = true, roomAdmin = true, roomRecord = true };

    private TestServer Server => fixture.Server;

    private IReadOnlyList<RouteEndpoint> Routes =>
    [
        .. Server.App.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText!.StartsWith("/v1", StringComparison.Ordinal)),
    ];

    [Fact]
    public void Routes_All_HaveARule()
    {
        Assert.True(Routes.Count >= 16, $"{Routes.Count} routes");
        Assert.All(Routes, route => Assert.True(route.Metadata.GetMetadata<RestRule>() is not null, $"{route.RoutePattern.RawText} has no rule"));
    }

    [Fact]
    public async Task Routes_WithoutToken_Answer401AndAskForOne()
    {
        foreach ((HttpMethod method, string path) in Requests("room"))
        {
            foreach (string? token in new[] { null, "x", TestServer.Token(new { roomCreate = true, roomList = true }, seconds: -60), TestServer.Token(AllGrants)[..^2] })
            {
                Answer answer = await Server.SendAsync(method, path, token, Body(method));

                RoomRoutesTests.AssertProblem(answer, 401, "unauthorized");
                Assert.Equal("Bearer realm=\"sfu\"", answer.Header("WWW-Authenticate"));
            }
        }
    }

    [Fact]
    public async Task Routes_WithTheTokenInTheQuery_Answer401()
    {
        Server.Rooms["default", "room"].Open();
        foreach ((HttpMethod method, string path) in Requests("room"))
        {
            string token = TestServer.Token(new { room = "room", roomAdmin = true, roomList = true, roomCreate = true });

            Assert.Equal(401, (await Server.SendAsync(method, $"{path}?access_token={token}", null, Body(method))).Status);
        }
    }

    [Fact]
    public async Task Routes_TokenOfAnotherRoom_Answer403AndAskNoRoom()
    {
        Server.Rooms["default", "room"].Open();
        Server.Rooms.Asked.Clear();
        foreach (((HttpMethod method, string there), (_, string nowhere)) in Requests("room").Zip(Requests("absent")))
        {
            Answer present = await Server.SendAsync(method, there, TestServer.Token(AllGrants), Body(method));
            Answer absent = await Server.SendAsync(method, nowhere, TestServer.Token(AllGrants), Body(method));

            RoomRoutesTests.AssertProblem(present, 403, "forbidden");
            Assert.Equal(present.Body, absent.Body);
        }

        Assert.Empty(Server.Rooms.Asked);
    }

    [Fact]
    public async Task Routes_TokenWithoutGrants_Answer403()
    {
        foreach ((HttpMethod method, string path) in Requests("room"))
        {
            string token = TestServer.Token(new { room = "room", roomJoin = true, roomRecord = true, hidden = true, recorder = true });

            RoomRoutesTests.AssertProblem(await Server.SendAsync(method, path, token, Body(method)), 403, "forbidden");
        }
    }

    [Fact]
    public async Task Routes_KeyOfAnotherTenant_NeverSeeTheRoom()
    {
        await using TestServer server = await TestServer.StartAsync(("ApiKeys:foreign:Secret", "a1b2c3d4e5f60718293a4b5c6d7e8f90"), ("ApiKeys:foreign:Tenant", "acme"));
        FakeRoom room = server.Rooms["default", "room"].Open(People.Make("ann"));
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        string token = TestServer.Sign("""{"alg":"HS256"}""",
            $$$"""{"iss":"foreign","exp":{{{now + 60}}},"video":{"room":"room","roomAdmin":true,"roomList":true,"roomCreate":true}}""", "a1b2c3d4e5f60718293a4b5c6d7e8f90");

        foreach ((HttpMethod method, string path) in Requests("room"))
        {
            Answer answer = await server.SendAsync(method, path, token, Body(method));

            Assert.DoesNotContain("ann", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("RM_abcdefgh\",\"metadata\":\"\",\"locked\":false,\"lobby\":false,\"maxParticipants\":100,\"emptyTimeoutMs\":300000,\"departureTimeoutMs\":20000,\"recording\":\"off\",\"consent\":\"none\",\"recordingState\":\"off\",\"createdAt\":1700000000123,\"participantCount\":1", answer.Body, StringComparison.Ordinal);
        }

        Assert.Empty(room.Asked);
        Assert.All(server.Rooms.Asked, key => Assert.Equal("acme", key.Tenant));
    }

    [Fact]
    public async Task Refusals_ThousandAbsentAndThousandPresentRooms_DoTheSameWork()
    {
        string token = TestServer.Token(AllGrants);
        for (int i = 0; i < 1000; i++) Server.Rooms["default", $"there{i}"].Open();
        Server.Rooms.Asked.Clear();
        var answers = new HashSet<string>();
        for (int i = 0; i < 1000; i++)
        {
            answers.Add((await Server.SendAsync(HttpMethod.Get, $"/v1/rooms/there{i}", token)).ToString());
            answers.Add((await Server.SendAsync(HttpMethod.Get, $"/v1/rooms/absent{i}", token)).ToString());
        }

        Assert.Single(answers);
        Assert.Empty(Server.Rooms.Asked); // no room was looked at: the work cannot differ
    }

    [Fact]
    public async Task Routes_ManyBadTokens_MakeTheAddressWaitAndLookAtNoToken()
    {
        await using TestServer server = await TestServer.StartAsync(("Signalling:FailuresPerAddress", "3"));
        string good = TestServer.Token(new { roomList = true });
        for (int i = 0; i < 3; i++) Assert.Equal(401, (await server.SendAsync(HttpMethod.Get, "/v1/rooms", "bad")).Status);

        Answer answer = await server.SendAsync(HttpMethod.Get, "/v1/rooms", good);

        RoomRoutesTests.AssertProblem(answer, 429, "limit");
        Assert.InRange(int.Parse(answer.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 60);
    }

    [Theory]
    [InlineData("GET", "/v1", 404, "not_found")]
    [InlineData("GET", "/v1/nothing", 404, "not_found")]
    [InlineData("GET", "/nothing", 404, "not_found")]
    [InlineData("PUT", "/v1/rooms", 405, "method_not_allowed")]
    [InlineData("POST", "/healthz/live", 405, "method_not_allowed")]
    public async Task Paths_ThatAreNone_AnswerProblems(string method, string path, int status, string code) =>
        RoomRoutesTests.AssertProblem(await Server.SendAsync(new HttpMethod(method), path), status, code);

    private static string? Body(HttpMethod method) => method == HttpMethod.Post || method == HttpMethod.Patch ? """{"name":"room"}""" : null;

    private IEnumerable<(HttpMethod Method, string Path)> Requests(string room)
    {
        foreach (RouteEndpoint route in Routes)
        {
            string path = route.RoutePattern.RawText!.Replace("{room}", room, StringComparison.Ordinal)
                .Replace("{participant}", "ann", StringComparison.Ordinal).Replace("{track}", "TR_ann", StringComparison.Ordinal)
                .Replace("{recording}", Guid.Empty.ToString(), StringComparison.Ordinal).Replace("{derivation}", Guid.Empty.ToString(), StringComparison.Ordinal)
                .Replace("{name}", "a.webm", StringComparison.Ordinal);
            Assert.False(path.Contains('{', StringComparison.Ordinal));
            foreach (string method in route.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods) yield return (new HttpMethod(method), path);
        }
    }
}
