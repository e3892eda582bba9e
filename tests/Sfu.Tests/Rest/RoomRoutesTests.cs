using System.Text.Json;
using Sfu.Rooms;
using Sfu.Tests.Hosting;

namespace Sfu.Tests.Rest;

public sealed class RoomRoutesTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly string Creator = TestServer.Token(new { roomCreate = true });
    private static readonly string Lister = TestServer.Token(new { roomList = true });

    private TestServer Server => fixture.Server;

    [Fact]
    public async Task Create_NewRoom_Answers201WithLocationAndRoom()
    {
        Answer answer = await Server.SendAsync(HttpMethod.Post, "/v1/rooms", Creator,
            """{"name":"new","metadata":"m","maxParticipants":5,"emptyTimeoutMs":60000,"departureTimeoutMs":1000,"lobby":true}""");

        Assert.Equal(201, answer.Status);
        Assert.Equal("/v1/rooms/new", answer.Header("Location"));
        Assert.Equal("new", answer.Json.GetProperty("name").GetString());
        FakeRoom room = Server.Rooms["default", "new"];
        Assert.Equal(["Create 5 00:01:00 00:00:01 True m"], room.Asked);
        Assert.Equal(RoomActor.BackEnd(TestServer.Key), room.By);
    }

    [Fact]
    public async Task Create_OpenRoom_Answers200WithTheRoomAsItIs()
    {
        Server.Rooms["default", "again"].Open();

        Answer answer = await Server.SendAsync(HttpMethod.Post, "/v1/rooms", Creator, """{"name":"again","maxParticipants":7}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal(100, answer.Json.GetProperty("maxParticipants").GetInt32());
    }

    [Theory]
    [InlineData("""{}""", null)]
    [InlineData("""{"name":null}""", "name")]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"name":"a/b"}""", "name")]
    [InlineData("""{"name":".."}""", "name")]
    [InlineData("""{"name":5}""", "name")]
    [InlineData("""{"Name":"a"}""", "Name")]
    [InlineData("""{"name":"a","name":"b"}""", "name")]
    [InlineData("""{"name":"a","colour":1}""", "colour")]
    [InlineData("""{"name":"a","maxParticipants":0}""", "maxParticipants")]
    [InlineData("""{"name":"a","maxParticipants":501}""", "maxParticipants")]
    [InlineData("""{"name":"a","emptyTimeoutMs":999}""", "emptyTimeoutMs")]
    [InlineData("""{"name":"a","maxParticipants":"5"}""", "maxParticipants")]
    [InlineData("""{"name":"a","maxParticipants":1e3}""", "maxParticipants")]
    [InlineData("""{"name":"a","maxParticipants":99999999999}""", "maxParticipants")]
    [InlineData("""{"name":"a","emptyTimeoutMs":-1}""", "emptyTimeoutMs")]
    [InlineData("""{"name":"a","departureTimeoutMs":604800001}""", "departureTimeoutMs")]
    [InlineData("""{"name":"a","lobby":1}""", "lobby")]
    [InlineData("""{"name":"a","metadata":"\u0000"}""", "metadata")]
    [InlineData("""{"name":"a","metadata":{"x":1}}""", "metadata")]
    [InlineData("""[]""", null)]
    [InlineData("""null""", "body")]
    [InlineData("""{"name":"a"} x""", null)]
    [InlineData("""{"name":"a",}""", null)]
    [InlineData("""{"name":"a"/**/}""", null)]
    [InlineData("", "body")]
    public async Task Create_BadBody_Answers400AndNamesTheField(string body, string? field)
    {
        Answer answer = await Server.SendAsync(HttpMethod.Post, "/v1/rooms", Creator, body);

        AssertProblem(answer, 400, "bad_request");
        Assert.Equal(field, answer.Json.TryGetProperty("field", out JsonElement named) ? named.GetString() : null);
    }

    [Fact]
    public async Task Create_BodyTooDeep_Answers400()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100));

        AssertProblem(await Server.SendAsync(HttpMethod.Post, "/v1/rooms", Creator, $$"""{"name":"a","metadata":{{deep}}}"""), 400, "bad_request");
    }

    [Fact]
    public async Task Create_OtherContentType_Answers415()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/rooms") { Content = new StringContent("""{"name":"a"}""") };
        request.Headers.Authorization = new("Bearer", Creator);
        using HttpResponseMessage response = await Server.Client.SendAsync(request);

        AssertProblem(new Answer(response, await response.Content.ReadAsStringAsync()), 415, "unsupported_media_type");
    }

    [Fact]
    public async Task Create_BodyOverOneMebibyte_Answers413() =>
        AssertProblem(await Server.SendAsync(HttpMethod.Post, "/v1/rooms", Creator, $$"""{"name":"a","metadata":"{{new string('x', 1024 * 1024)}}"}"""), 413, "too_large");

    [Fact]
    public async Task Create_TokenOfAnotherRoom_Answers403()
    {
        string token = TestServer.Token(new { room = "mine", roomCreate = true, roomJoin = true });

        AssertProblem(await Server.SendAsync(HttpMethod.Post, "/v1/rooms", token, """{"name":"other"}"""), 403, "forbidden");
        Assert.Equal(201, (await Server.SendAsync(HttpMethod.Post, "/v1/rooms", token, """{"name":"mine"}""")).Status);
    }

    [Theory]
    [InlineData(RoomErrorCode.Limit, 429, "limit")]
    [InlineData(RoomErrorCode.Draining, 503, "draining")]
    [InlineData(RoomErrorCode.TryAgain, 503, "try_again")]
    [InlineData(RoomErrorCode.BadRequest, 400, "bad_request")]
    [InlineData(RoomErrorCode.BadState, 409, "bad_state")]
    [InlineData(RoomErrorCode.Forbidden, 403, "forbidden")]
    [InlineData(RoomErrorCode.NotFound, 404, "not_found")]
    [InlineData(RoomErrorCode.RoomFull, 409, "room_full")]
    [InlineData(RoomErrorCode.RoomLocked, 409, "room_locked")]
    public async Task Create_RoomRefuses_AnswersItsCode(RoomErrorCode refused, int status, string code)
    {
        Server.Rooms["default", $"refused-{code}"].Refusal = new RoomError(refused, "Because.", TimeSpan.FromSeconds(2.2));

        Answer answer = await Server.SendAsync(HttpMethod.Post, "/v1/rooms", Creator, $$"""{"name":"refused-{{code}}"}""");

        AssertProblem(answer, status, code);
        Assert.Equal("Because.", answer.Json.GetProperty("detail").GetString());
        Assert.Equal("3", answer.Header("Retry-After"));
    }

    [Fact]
    public async Task List_ManyRooms_ComeInPagesInOrder()
    {
        await using TestServer server = await TestServer.StartAsync();
        foreach (string name in new[] { "c", "a", "b", "e", "d" }) server.Rooms["default", name].Open();
        server.Rooms["acme", "foreign"].Open();
        var seen = new List<string>();
        string? after = null;
        do
        {
            Answer page = await server.SendAsync(HttpMethod.Get, $"/v1/rooms?limit=2{(after is null ? "" : $"&after={after}")}", Lister);
            seen.AddRange(page.Json.GetProperty("rooms").EnumerateArray().Select(room => room.GetProperty("name").GetString()!));
            after = page.Json.GetProperty("next").GetString();
        }
        while (after is not null);

        Assert.Equal(["a", "b", "c", "d", "e"], seen);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("limit=99999999999", "limit")]
    [InlineData("after=a%2Fb", "after")]
    [InlineData("after=", "after")]
    public async Task List_BadQuery_Answers400AndNamesTheField(string query, string field)
    {
        Answer answer = await Server.SendAsync(HttpMethod.Get, $"/v1/rooms?{query}", Lister);

        AssertProblem(answer, 400, "bad_request");
        Assert.Equal(field, answer.Json.GetProperty("field").GetString());
    }

    [Fact]
    public async Task Get_OpenRoom_HasEveryMember()
    {
        Server.Rooms["default", "get"].Open(People.Make("ann"), People.Make("wil", ParticipantState.Waiting));

        Answer answer = await Server.SendAsync(HttpMethod.Get, "/v1/rooms/get", Lister);

        Assert.Equal(
            """{"name":"get","id":"RM_abcdefgh","metadata":"","locked":false,"lobby":false,"maxParticipants":100,"emptyTimeoutMs":300000,"departureTimeoutMs":20000,"recording":"off","consent":"none","recordingState":"off","createdAt":1700000000123,"participantCount":1,"waitingCount":1}""",
            answer.Body);
    }

    [Fact]
    public async Task Get_AbsentRoomOrImpossibleName_Answers404Alike()
    {
        Answer absent = await Server.SendAsync(HttpMethod.Get, "/v1/rooms/absent", Lister);
        Answer impossible = await Server.SendAsync(HttpMethod.Get, "/v1/rooms/a%20b", Lister);

        AssertProblem(absent, 404, "not_found");
        Assert.Equal(absent.Body, impossible.Body);
    }

    [Fact]
    public async Task Update_Metadata_KeepsTheRestAndAnswersTheRoom()
    {
        Server.Rooms["default", "patch"].Open();
        string admin = TestServer.Token(new { room = "patch", roomAdmin = true });

        Answer answer = await Server.SendAsync(HttpMethod.Patch, "/v1/rooms/patch", admin, """{"metadata":"new"}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal(["Update   new"], Server.Rooms["default", "patch"].Asked);
    }

    [Fact]
    public async Task Delete_OpenRoom_Answers204AndThen404()
    {
        FakeRoom room = Server.Rooms["default", "gone"].Open();

        Assert.Equal(204, (await Server.SendAsync(HttpMethod.Delete, "/v1/rooms/gone", Creator)).Status);
        room.Snapshot = null;
        AssertProblem(await Server.SendAsync(HttpMethod.Delete, "/v1/rooms/gone", Creator), 404, "not_found");
    }

    [Fact]
    public async Task AnyRoute_StoreFails_Answers503WithoutDetails()
    {
        Server.Rooms["default", "broken"].Failure = new TimeoutException("secret-host did not answer");

        Answer answer = await Server.SendAsync(HttpMethod.Get, "/v1/rooms/broken", Lister);

        AssertProblem(answer, 503, "try_again");
        Assert.NotNull(answer.Header("Retry-After"));
        Assert.DoesNotContain("secret-host", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnyRoute_OurError_Answers500WithoutDetails()
    {
        Server.Rooms["default", "bug"].Failure = new InvalidOperationException("internal-detail");

        Answer answer = await Server.SendAsync(HttpMethod.Get, "/v1/rooms/bug", Lister);

        AssertProblem(answer, 500, "internal");
        Assert.DoesNotContain("internal-detail", answer.Body, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
    }

    internal static void AssertProblem(Answer answer, int status, string code)
    {
        Assert.True(status == answer.Status, answer.ToString());
        Assert.StartsWith("application/problem+json", answer.Header("Content-Type"), StringComparison.Ordinal);
        JsonElement problem = answer.Json;
        Assert.Equal($"urn:sfu:problem:{code}", problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.NotEqual("", problem.GetProperty("title").GetString());
        Assert.EndsWith(".", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
