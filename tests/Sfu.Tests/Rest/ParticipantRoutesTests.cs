using System.Text.Json;
using Sfu.Rooms;
using Sfu.Tests.Hosting;

namespace Sfu.Tests.Rest;

public sealed class ParticipantRoutesTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private TestServer Server => fixture.Server;

    [Fact]
    public async Task List_PeopleInRoomAndLobby_HaveEveryMemberAndNoInternalOne()
    {
        Open("list", People.Make("ann", admin: true), People.Make("ghost", hidden: true), People.Make("wil", ParticipantState.Waiting));

        Answer answer = await SendAsync(HttpMethod.Get, "list", "/participants");

        JsonElement ann = answer.Json.GetProperty("participants")[0];
        Assert.Equal(
            """{"id":"PA_ann","identity":"ann","name":"ANN","metadata":"note","state":"joined","role":"host","joinedAt":1700000001000,"hidden":false,"recorder":false,"recording":"off","recordingPolicy":null,"consent":null,"rights":{"publish":true,"subscribe":true,"data":true,"admin":true,"sources":[]},"client":{"protocol":"web_socket","name":"page","version":"1"},"tracks":[{"id":"TR_ann","participant":"PA_ann","kind":"audio","source":"microphone","name":"","muted":false,"mutedBy":null,"codec":"","simulcast":false}]}""",
            ann.GetRawText());
        Assert.Equal(["ann", "ghost"], answer.Json.GetProperty("participants").EnumerateArray().Select(p => p.GetProperty("identity").GetString()));
        Assert.Equal(["wil"], answer.Json.GetProperty("waiting").EnumerateArray().Select(p => p.GetProperty("identity").GetString()));
        Assert.Equal(7, answer.Json.GetProperty("seq").GetInt64());
        Assert.DoesNotContain("hidden-", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PA_ann")]
    [InlineData("ann")]
    public async Task Get_ByIdOrIdentity_AnswersTheParticipant(string participant)
    {
        Open("get", People.Make("ann"));

        Assert.Equal("PA_ann", (await SendAsync(HttpMethod.Get, "get", $"/participants/{participant}")).Json.GetProperty("id").GetString());
    }

    [Fact]
    public async Task Get_IdentityOfOtherLanguages_IsFoundByItsEscapedForm()
    {
        Open("lang", People.Make("安娜 @例子?#%"));

        Answer answer = await SendAsync(HttpMethod.Get, "lang", $"/participants/{Uri.EscapeDataString("安娜 @例子?#%")}");

        Assert.Equal("安娜 @例子?#%", answer.Json.GetProperty("identity").GetString());
    }

    [Fact]
    public async Task Get_AbsentParticipant_Answers404()
    {
        Open("absent", People.Make("ann"));

        RoomRoutesTests.AssertProblem(await SendAsync(HttpMethod.Get, "absent", "/participants/bob"), 404, "not_found");
    }

    [Theory]
    [InlineData("DELETE", "/participants/ann", "Kick PA_ann")]
    [InlineData("DELETE", "/participants/ann?reason=rude%20words", "Kick PA_ann rude words")]
    [InlineData("POST", "/participants/wil:admit", "Admit PA_wil")]
    [InlineData("POST", "/participants/PA_wil:refuse?reason=no", "Refuse PA_wil no")]
    [InlineData("POST", "/tracks/TR_ann:mute", "MuteTrack TR_ann True")]
    [InlineData("POST", ":muteAll", "MuteAll Audio")]
    [InlineData("POST", ":muteAll?kind=video", "MuteAll Video")]
    [InlineData("POST", ":lock", "Lock True")]
    [InlineData("POST", ":unlock", "Lock False")]
    public async Task Change_OfParticipantsAndTracks_ReachesTheRoomAsTheBackEnd(string method, string path, string asked)
    {
        string name = $"change-{Guid.NewGuid():N}";
        FakeRoom room = Open(name, People.Make("ann"), People.Make("wil", ParticipantState.Waiting));

        Answer answer = await SendAsync(new HttpMethod(method), name, path);

        Assert.Equal((204, ""), (answer.Status, answer.Body));
        Assert.Equal([asked], room.Asked);
        Assert.Equal(RoomActor.BackEnd(TestServer.Key), room.By);
    }

    [Fact]
    public async Task Update_NameAndMetadata_AnswersTheParticipant()
    {
        FakeRoom room = Open("texts", People.Make("ann"));

        Answer answer = await SendAsync(HttpMethod.Patch, "texts", "/participants/ann", """{"name":"Ann B.","metadata":"x"}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal("ann", answer.Json.GetProperty("identity").GetString());
        Assert.Equal(["UpdateMetadata PA_ann x Ann B."], room.Asked);
    }

    [Theory]
    [InlineData("PATCH", "/participants/ann", """{"nick":"x"}""", "nick")]
    [InlineData("PATCH", "/participants/ann", """{"name":7}""", "name")]
    [InlineData("PATCH", "/participants/ann", """{"name":"\u0007"}""", "name")]
    [InlineData("PATCH", "/participants/ann", """{"metadata":[]}""", "metadata")]
    [InlineData("DELETE", "/participants/ann?reason=%00", null, "reason")]
    [InlineData("POST", "/participants/ann:refuse?reason=%1b%5b31m", null, "reason")]
    [InlineData("POST", ":muteAll?kind=smell", null, "kind")]
    public async Task Change_BadInput_Answers400AndNamesTheField(string method, string path, string? body, string field)
    {
        Open("bad", People.Make("ann"));

        Answer answer = await SendAsync(new HttpMethod(method), "bad", path, body);

        RoomRoutesTests.AssertProblem(answer, 400, "bad_request");
        Assert.Equal(field, answer.Json.GetProperty("field").GetString());
    }

    [Fact]
    public async Task Change_NotInThisState_Answers409()
    {
        Open("state", People.Make("ann")).Refusal = new RoomError(RoomErrorCode.BadState, "The participant does not wait.");

        RoomRoutesTests.AssertProblem(await SendAsync(HttpMethod.Post, "state", "/participants/ann:admit"), 409, "bad_state");
    }

    private FakeRoom Open(string room, params Participant[] participants) => Server.Rooms["default", room].Open(participants);

    private Task<Answer> SendAsync(HttpMethod method, string room, string path, string? json = null) =>
        Server.SendAsync(method, $"/v1/rooms/{room}{path}", TestServer.Token(new { room, roomAdmin = true }), json);
}
