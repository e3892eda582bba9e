using Sfu.Nodes.Recording;
using Sfu.Recorder.Evidence;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

/// <summary>Pauses of the room and of identities, in the real journal.</summary>
public sealed partial class RecordingNodeTests
{
    [Fact]
    public async Task Pause_RoomAndParticipant_MaskMediaAndMessages()
    {
        await StartAsync();
        TestClient ann = await PublishAsync("ann", On), bob = await PublishAsync("bob", On);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 2);
        await _recorder.PauseAsync(Recording, new PauseOrder(null, PauseReason.Pci, "", DateTimeOffset.UtcNow), default);
        Receive(ann, "card number");
        Say(bob, "card code");
        await _recorder.ResumeAsync(Recording, null, default);
        await _recorder.PauseAsync(Recording, new PauseOrder(ann.Id, PauseReason.Legal, "", DateTimeOffset.UtcNow), default);
        Receive(ann, "to the lawyer");
        Say(ann, "privileged");
        Receive(bob, "goes on");
        Say(bob, "said");
        await _recorder.ResumeAsync(Recording, ann.Id, default);
        Receive(ann, "again");

        string journal = await StopAsync();
        foreach (string masked in new[] { "card number", "card code", "to the lawyer", "privileged" })
            Assert.DoesNotContain(masked, journal, StringComparison.Ordinal);
        foreach (string kept in new[] { "goes on", "said", "again", "\"pci\"", "\"legal\"" })
            Assert.Contains(kept, journal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pause_WhoComesAgainWithTheIdentity_IsMaskedFromItsFirstPacketUntilItIsResumed()
    {
        await StartAsync();
        TestClient ann = await PublishAsync("ann", On), bob = await PublishAsync("bob", On);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 2);
        await _recorder.PauseAsync(Recording, new PauseOrder(ann.Id, PauseReason.Pci, "", DateTimeOffset.UtcNow, "ann"), default);
        Receive(ann, "card number");
        Leave(ann);
        TestClient again = await PublishAsync("ann", On), second = await PublishAsync("ann", On);      // two at once: both are masked
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 3);
        Receive(again, "card code");
        Receive(second, "card holder");
        Say(again, "card in chat");
        Say(ann, "late words");                                // of one who has left
        Receive(bob, "goes on");
        await _recorder.ResumeAsync(Recording, ann.Id, default);
        Receive(again, "thank you");
        Receive(second, "paid");

        string folder = (await _recorder.StopAsync(Recording, RecordingEndReason.Stopped, default))!.Folder;
        string journal = Journal(folder);
        foreach (string masked in new[] { "card number", "card code", "card holder", "card in chat", "late words" })
            Assert.DoesNotContain(masked, journal, StringComparison.Ordinal);
        foreach (string kept in new[] { "goes on", "thank you", "paid", $$"""{"event":"paused","scope":"{{ann.Id}}","identity":"ann","reason":"pci","text":""}""" })
            Assert.Contains(kept, journal, StringComparison.Ordinal);
        SealedManifest manifest = ManifestJson.ReadSealed(await File.ReadAllBytesAsync(Path.Combine(folder, "recording.json")));
        TrackEntry[] tracks = [.. manifest.Tracks.Where(track => track.Identity == "ann")];
        Assert.Equal([again.Id.Value, second.Id.Value], tracks.Select(track => track.Participant));    // of the first one nothing is archived
        Assert.All(tracks, track => Assert.Equal((1, 0), (Assert.Single(track.Streams).Archived, track.Streams[0].Lost.Count)));
        Assert.Equal(tracks.Select(track => track.No), manifest.Gaps.Where(gap => gap.Cause == "paused").Select(gap => gap.Track).Order());
    }

    [Fact]
    public async Task Pause_WhileOneIsOfWhomNothingIsKnown_MasksItToo()
    {
        await StartAsync();
        await _recorder.PauseAsync(Recording, new PauseOrder(new("PA_gone"), PauseReason.Pci, "", DateTimeOffset.UtcNow, "ann"), default);
        TestClient unknown = await PublishAsync("ann", null);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1);
        Receive(unknown, "card number");
        Tell(unknown, On);
        Receive(unknown, "card code");
        await _recorder.ResumeAsync(Recording, new("PA_gone"), default);
        Receive(unknown, "again");
        string journal = await StopAsync();
        Assert.DoesNotContain("card", journal, StringComparison.Ordinal);
        Assert.Contains("again", journal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recover_WithAPausedIdentity_MasksWhoComesWithIt()
    {
        await StartAsync();
        End();
        Start();
        RecordingOrder order = Order(RecordingPolicy.BestEffort, ConsentMode.None) with
        {
            Continues = true,
            Pauses = [new PauseOrder(new("PA_gone"), PauseReason.Pci, "", DateTimeOffset.UtcNow, "ann")],
        };
        Assert.NotNull((await _recorder.StartAsync(order, default)).Started);
        TestClient ann = await PublishAsync("ann", On);
        await Eventually.TrueAsync(() => _node.Worker.Taps.Count == 1);
        Receive(ann, "card number");
        await _recorder.ResumeAsync(Recording, new("PA_gone"), default);
        Receive(ann, "again");
        string journal = await StopAsync();
        Assert.DoesNotContain("card", journal, StringComparison.Ordinal);
        Assert.Contains("again", journal, StringComparison.Ordinal);
    }

    /// <summary>As the room tells it: its tracks end, then it is gone.</summary>
    private void Leave(TestClient client)
    {
        _node.Room.Leave(client.Id);
        _recorder.OnRoomEvent(Fence, Entry(new ParticipantLeft(client.Id, client.Self.Identity, LeaveReason.DuplicateIdentity, "", RoomActor.Server)));
    }
}
