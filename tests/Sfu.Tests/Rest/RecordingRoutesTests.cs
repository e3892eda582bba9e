using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sfu.Nodes.Recording;
using Sfu.Recordings;
using Sfu.Recordings.Storage;
using Sfu.Rooms;
using Sfu.Tests.Hosting;
using Sfu.Tests.Nodes;
using Sfu.Tests.Recordings;

namespace Sfu.Tests.Rest;

/// <summary>Recordings over REST: who may, what is answered, what is found.</summary>
public sealed class RecordingRoutesTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly string BackEnd = TestServer.Token(new { roomRecord = true });

    private TestServer Server => fixture.Server;

    private IRecordingStore Store => Server.App.Services.GetRequiredService<IRecordingStore>();

    [Fact]
    public async Task Start_OpenRoom_Answers201WithItsPlace()
    {
        RecordingState state = State("start") with { Phase = RecordingPhase.Active, StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123) };
        Server.Rooms["default", "start"].Open().Recording = new RecordingAnswer(state, null, Created: true);

        Answer answer = await Server.SendAsync(HttpMethod.Post, "/v1/rooms/start/recordings", BackEnd);

        Assert.Equal(201, answer.Status);
        Assert.Equal($"/v1/recordings/{state.Id}", answer.Header("Location"));
        Assert.Contains($$"""{"id":"{{state.Id}}","room":"start","roomId":"RM_1","state":"active","policy":"required",""", answer.Body, StringComparison.Ordinal);
        Assert.Contains("\"startedAt\":1700000000123", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_RecorderDown_Answers503WithItsCode()
    {
        FakeRoom room = Server.Rooms["default", "down"].Open();
        room.Refusal = new RoomError(RoomErrorCode.RecordingUnavailable, "No.", TimeSpan.FromSeconds(2));

        Answer answer = await Server.SendAsync(HttpMethod.Post, "/v1/rooms/down/recordings", BackEnd);

        RoomRoutesTests.AssertProblem(answer, 503, "recording_unavailable");
        Assert.Equal("2", answer.Header("Retry-After"));
    }

    [Theory]
    [InlineData(true, true, 403)]
    [InlineData(true, false, 403)]
    [InlineData(false, false, 403)]
    [InlineData(false, true, 404)]
    public async Task Token_OfAParticipant_NeverSuffices(bool join, bool record, int status)
    {
        string token = TestServer.Token(new { room = "any", roomJoin = join, roomRecord = record, roomAdmin = true, roomCreate = true, roomList = true });

        foreach ((HttpMethod method, string path, string? body) in new[]
        {
            (HttpMethod.Post, "/v1/rooms/any/recordings", null), (HttpMethod.Get, $"/v1/recordings/{Guid.Empty}", null),
            (HttpMethod.Post, $"/v1/recordings/{Guid.Empty}:pause", """{"reason":"pci"}"""), (HttpMethod.Post, $"/v1/recordings/{Guid.Empty}:stop", null),
            (HttpMethod.Post, $"/v1/recordings/{Guid.Empty}:verify", null), (HttpMethod.Get, $"/v1/derivations/{Guid.Empty}", (string?)null),
        })
        {
            Assert.Equal(status, (await Server.SendAsync(method, path, token, body)).Status);
        }
    }

    [Fact]
    public async Task Update_RecordingOfARoom_NeedsABackEnd()
    {
        Server.Rooms["default", "patch"].Open();
        string host = TestServer.Token(new { room = "patch", roomJoin = true, roomAdmin = true, roomRecord = true, roomCreate = true });
        string backEnd = TestServer.Token(new { room = "patch", roomAdmin = true, roomRecord = true });

        Assert.Equal(403, (await Server.SendAsync(HttpMethod.Patch, "/v1/rooms/patch", host, """{"recording":"off"}""")).Status);
        Assert.Equal(403, (await Server.SendAsync(HttpMethod.Post, "/v1/rooms", host, """{"name":"patch","consent":"none"}""")).Status);
        Assert.Equal(200, (await Server.SendAsync(HttpMethod.Patch, "/v1/rooms/patch", backEnd, """{"recording":"required","consent":"first"}""")).Status);
    }

    [Fact]
    public async Task Get_Recording_HasThoseWhoTookPartAndItsTimeline()
    {
        RecordingState state = State("get") with { Phase = RecordingPhase.Sealed, Facts = new RecordingFacts("ab", false, 1, TimeSpan.FromSeconds(2), 98.5, 10, 2) };
        await PutAsync(state, new TimelineEntry(0, state.RequestedAt, """{"kind":"room_locked","locked":true,"by":{"apiKey":"k"}}"""),
            new TimelineEntry(0, state.RequestedAt, """{"kind":"recording_phase","phase":"suspended","cause":"disk_full"}"""));

        Answer one = await Server.SendAsync(HttpMethod.Get, $"/v1/recordings/{state.Id}", BackEnd);
        Answer list = await Server.SendAsync(HttpMethod.Get, "/v1/recordings?room=get&participant=ann&limit=1", BackEnd);
        Answer timeline = await Server.SendAsync(HttpMethod.Get, $"/v1/recordings/{state.Id}/timeline", BackEnd);

        Assert.Contains("\"summary\":{\"manifestHash\":\"ab\",\"partial\":false,\"gaps\":1,\"missingMs\":2000,\"score\":98.5,\"bytes\":10,\"tracks\":2}", one.Body, StringComparison.Ordinal);
        Assert.Contains("\"participants\":[{\"id\":\"PA_1\",\"identity\":\"ann\"", one.Body, StringComparison.Ordinal);
        Assert.Contains($"\"next\":\"{state.Id}\"", list.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("\"participants\":", list.Body, StringComparison.Ordinal);
        Assert.Contains("""{"kind":"room_locked","locked":true,"by":{"type":"back_end","apiKey":"k"}""", timeline.Body, StringComparison.Ordinal);
        Assert.Contains("""{"kind":"recording_step","step":"phase","phase":"suspended","cause":"disk_full",""", timeline.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_RecordingOfAnotherRoom_IsNotThereForATokenThatNamesOne()
    {
        RecordingState state = State("mine");
        await PutAsync(state);

        Assert.Equal(200, (await Server.SendAsync(HttpMethod.Get, $"/v1/recordings/{state.Id}", TestServer.Token(new { room = "mine", roomRecord = true }))).Status);
        Assert.Equal(404, (await Server.SendAsync(HttpMethod.Get, $"/v1/recordings/{state.Id}", TestServer.Token(new { room = "other", roomRecord = true }))).Status);
    }

    [Theory]
    [InlineData("/v1/recordings?from=-1", "from")]
    [InlineData("/v1/recordings?after=x", "after")]
    [InlineData("/v1/recordings?limit=0", "limit")]
    [InlineData("/v1/recordings?room=a%2Fb", "room")]
    [InlineData("/v1/impossibilities?to=99999999999999999", "to")]
    public async Task List_BadParameter_NamesIt(string path, string field)
    {
        Answer answer = await Server.SendAsync(HttpMethod.Get, path, BackEnd);

        RoomRoutesTests.AssertProblem(answer, 400, "bad_request");
        Assert.Contains($"\"field\":\"{field}\"", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steer_Recording_AsksItsOwner()
    {
        var left = new ParticipantId("PA_left");
        RecordingState state = State("steer") with { Phase = RecordingPhase.Active, Pauses = [new PauseSpan(left, PauseReason.Pci, "", State("steer").RequestedAt, null) { Identity = "lea" }] };
        await PutAsync(state);                                 // PA_1 took part in it: ann before she joined anew
        Participant ann = People.Make("ann");
        Server.Rooms["default", "steer"].Open(ann);
        KeeperRecordings owner = Server.App.Services.GetRequiredService<KeeperRecordings>();

        Answer pause = await Server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}:pause", BackEnd, """{"reason":"pci","text":"card","participant":"ann","forMs":60000}""");
        await Server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}:resume?participant={ann.Id}", BackEnd);
        await Server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}:resume?participant={left}", BackEnd);
        await Server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}:resume?participant=lea", BackEnd);
        await Server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}:resume?participant=PA_1", BackEnd);
        await Server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}:pause", BackEnd, """{"reason":"pci","participant":"PA_1"}""");
        Answer nobody = await Server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}:pause", BackEnd, """{"reason":"pci","participant":"bob"}""");
        await Server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}:stop", BackEnd);

        RoomRoutesTests.AssertProblem(pause, 404, "not_found"); // what this owner answers
        Assert.Contains(owner.Asked, asked => asked.Contains($"PauseAsync {state.Id} PauseWish {{ Participant = {ann.Id}, Reason = Pci, Text = card, For = 00:01:00, Identity = ann }}", StringComparison.Ordinal));
        Assert.Contains(owner.Asked, asked => asked.Contains($"ResumeAsync {state.Id} {ann.Id}", StringComparison.Ordinal));
        Assert.Equal(2, owner.Asked.Count(asked => asked.Contains($"ResumeAsync {state.Id} {left}", StringComparison.Ordinal)));      // by its id and its identity
        Assert.Contains(owner.Asked, asked => asked.Contains($"ResumeAsync {state.Id} PA_1", StringComparison.Ordinal));
        Assert.Contains(owner.Asked, asked => asked.Contains("Participant = PA_1, Reason = Pci, Text = , For = , Identity = ann", StringComparison.Ordinal));
        RoomRoutesTests.AssertProblem(nobody, 404, "not_found");
        Assert.Equal(2, owner.Asked.Count(asked => asked.Contains($"PauseAsync {state.Id}", StringComparison.Ordinal))); // a pause of nobody masks nothing
        Assert.Contains(owner.Asked, asked => asked.Contains($"StopAsync {state.Id}", StringComparison.Ordinal));
        RoomRoutesTests.AssertProblem(await Server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}:pause", BackEnd, """{"reason":"because"}"""), 400, "bad_request");
        RoomRoutesTests.AssertProblem(await Server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}:pause", BackEnd, """{"reason":"pci","forMs":0}"""), 400, "bad_request");
    }

    [Fact]
    public async Task Derivation_ReadyFile_IsServedInRanges()
    {
        string folder = Directory.CreateTempSubdirectory("sfu-derived-").FullName;
        try
        {
            RecordingState state = State("derive") with { Phase = RecordingPhase.Sealed, Folder = folder };
            await PutAsync(state);
            var derivation = new Derivation
            {
                Id = Guid.CreateVersion7(),
                Recording = state.Id,
                Tenant = "default",
                RequestedAt = state.RequestedAt,
                Wish = new DerivationWish(DerivationKind.Track, null, null, null),
                State = DerivationState.Ready,
                Progress = 1,
                Files = [new DerivedFile("track-01.webm", 10, "ff")],
            };
            await Store.SaveAsync(derivation);
            string files = Directory.CreateDirectory(Path.Combine(folder, "derived", derivation.Id.ToString())).FullName;
            await File.WriteAllTextAsync(Path.Combine(files, "track-01.webm"), "0123456789");
            await File.WriteAllTextAsync(Path.Combine(folder, "keys.json"), "secret");

            Answer queued = await Server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}/derivations", BackEnd, """{"kind":"composite","layout":"grid","format":"mp4"}""");
            Answer ready = await Server.SendAsync(HttpMethod.Get, $"/v1/derivations/{derivation.Id}", BackEnd);
            string url = $"/v1/derivations/{derivation.Id}/files/track-01.webm";
            Answer whole = await Server.SendAsync(HttpMethod.Get, url, BackEnd);

            Assert.Equal(202, queued.Status);
            Assert.Contains("\"state\":\"queued\",\"progress\":0", queued.Body, StringComparison.Ordinal);
            Assert.Contains($"\"url\":\"{url}\"", ready.Body, StringComparison.Ordinal);
            Assert.Equal("0123456789", whole.Body);
            Assert.Equal("bytes", whole.Header("Accept-Ranges"));
            Assert.Equal(404, (await Server.SendAsync(HttpMethod.Get, $"/v1/derivations/{derivation.Id}/files/..%2F..%2Fkeys.json", BackEnd)).Status);
            Assert.Equal(400, (await Server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}/derivations", BackEnd, """{"kind":"audio","format":"mp4"}""")).Status);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Evidence_NotSealed_Answers409()
    {
        RecordingState state = State("open") with { Phase = RecordingPhase.Active };
        await PutAsync(state);

        foreach (string part in new[] { "gaps", "quality", "manifest", "proofs" })
            RoomRoutesTests.AssertProblem(await Server.SendAsync(HttpMethod.Get, $"/v1/recordings/{state.Id}/{part}", BackEnd), 409, "bad_state");
    }

    [Fact]
    public async Task Derivations_DiskTooFull_Answers507WithTheLimitAndWhatToDo()
    {
        var disk = new FakeDiskSpace { Taken = _ => 0.8 };
        await using TestServer server = await TestServer.StartAsync(
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<IDiskSpace>(disk)),
            ($"ApiKeys:{TestServer.Key}", TestServer.Secret), ("Recording:Disk:NoDerivationsBelow", "1152921504606846976"));
        DiskWatch watch = server.App.Services.GetRequiredService<DiskWatch>();
        await watch.StartAsync(default);
        RecordingState state = State("full") with { Phase = RecordingPhase.Sealed, Folder = server.Data };
        await PutAsync(server.App.Services.GetRequiredService<IRecordingStore>(), state);

        Answer answer = await server.SendAsync(HttpMethod.Post, $"/v1/recordings/{state.Id}/derivations", BackEnd, """{"kind":"track"}""");

        RoomRoutesTests.AssertProblem(answer, 507, "disk_full");
        Assert.Equal("60", answer.Header("Retry-After"));
        Assert.Equal(
            "The disk of recordings is 80.0 % full, with 204 MiB free; beyond 75 % no playable files are made (Sfu:Recording:Disk). Make room and ask again.",
            answer.Json.GetProperty("detail").GetString());
        await watch.StopAsync(default);
    }

    private Task PutAsync(RecordingState state, params TimelineEntry[] timeline) => PutAsync(Store, state, timeline);

    private static async Task PutAsync(IRecordingStore store, RecordingState state, params TimelineEntry[] timeline) => Assert.True(await store.AppendAsync(new RecordingAppend
    {
        Room = state.Room,
        ExpectedEpoch = 0,
        ExpectedVersion = 0,
        Epoch = 1,
        Version = 1,
        State = state,
        Timeline = timeline,
        Participants = [new RecordingParticipant(new("PA_1"), "ann", "Ann", state.RequestedAt, null, ParticipantRecordingState.On)],
    }));

    private static RecordingState State(string room) => new()
    {
        Id = Guid.CreateVersion7(),
        Room = new RoomKey("default", room),
        RoomId = "RM_1",
        Policy = RecordingPolicy.Required,
        RequestedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000),
        By = RoomActor.BackEnd("key"),
        Version = 1,
    };
}
