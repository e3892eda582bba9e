using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sfu.Recordings;
using Sfu.Recordings.Evidence;
using Sfu.Recordings.Storage;
using Sfu.Rooms;
using Sfu.Tests.Hosting;

namespace Sfu.Tests.Recordings;

/// <summary>What the archive's reader and REST say of a folder that the real recorder wrote.</summary>
[Trait("Tier", "default")]
public sealed class RealArchiveTests : IDisposable
{
    private static readonly string BackEnd = TestServer.Token(new { roomRecord = true });
    private readonly RealRecording _recording = new();
    private readonly FolderArchive _archive = new();

    public void Dispose() => _recording.Dispose();

    [Fact]
    public async Task Manifest_BeforeTheRecordingIsSealed_IsNotThere()
    {
        Sfu.Recorder.Capture.RecordingTap tap = await _recording.BeginAsync();
        Assert.Null(await _archive.ManifestAsync(_recording.Folder, default));
        Assert.Null(await _archive.ProofsAsync(_recording.Folder, 0, 9, default));
        await _recording.StopAsync(tap);
        Assert.NotNull(await _archive.ManifestAsync(_recording.Folder, default));
    }

    [Fact]
    public async Task Folder_OfTheRecorder_HasItsSegmentsGapsAndQuality()
    {
        await _recording.SealAsync();

        IReadOnlyList<byte[]> segments = await _archive.SegmentManifestsAsync(_recording.Folder, default);
        JsonElement gaps = (await _archive.GapsAsync(_recording.Folder, default))!.Value;
        JsonElement quality = (await _archive.QualityAsync(_recording.Folder, default))!.Value;

        Assert.Equal([1, 2], segments.Select(json => Parse(json).GetProperty("segment").GetInt32()));
        JsonElement gap = Assert.Single(gaps.EnumerateArray(), one => one.GetProperty("cause").GetString() == "wire_loss");
        Assert.Equal(
            (0x10000L + RealRecording.FirstLost, 0x10000L + RealRecording.LastLost, 5, RealRecording.Ssrc.ToString("x8", CultureInfo.InvariantCulture)),
            (gap.GetProperty("firstSeq").GetInt64(), gap.GetProperty("lastSeq").GetInt64(), gap.GetProperty("packets").GetInt32(), gap.GetProperty("ssrc").GetString()));
        Assert.Equal("ann", quality.GetProperty("participants")[0].GetProperty("identity").GetString());
        Assert.InRange(quality.GetProperty("score").GetDouble(), 1, 99.99);
    }

    [Fact]
    public async Task Proofs_EveryChunkOfTheRecorder_LeadsToTheSignedRoot()
    {
        await _recording.SealAsync();
        JsonElement manifest = Parse((await _archive.ManifestAsync(_recording.Folder, default))!);
        string root = manifest.GetProperty("merkle").GetProperty("root").GetString()!;
        int size = manifest.GetProperty("merkle").GetProperty("size").GetInt32();

        InclusionProofs proofs = (await _archive.ProofsAsync(_recording.Folder, 0, 9999, default))!;

        Assert.InRange(size, 8, 1000);                         // two seconds of 250 ms, and the recording's own chunks
        Assert.Equal((size, size, root), ((int)proofs.Size, proofs.Proofs.Count, proofs.Root));
        AssertProofs(proofs.Proofs, size, root);
        Assert.Equal(manifest.GetProperty("chain").GetProperty("last").GetString(), proofs.Proofs[^1].Hash);
        Assert.Equal(root, Convert.ToHexStringLower(RfcTree.Root([.. proofs.Proofs.Select(proof => Convert.FromHexString(proof.Hash))])));
    }

    [Fact]
    public async Task Rest_RecordingOfTheRecorder_AnswersWithItsEvidence()
    {
        await _recording.SealAsync();
        await using TestServer server = await TestServer.StartAsync();
        await PutAsync(server);
        string path = $"/v1/recordings/{_recording.Id}";

        Answer manifest = await server.SendAsync(HttpMethod.Get, $"{path}/manifest", BackEnd);
        Answer gaps = await server.SendAsync(HttpMethod.Get, $"{path}/gaps", BackEnd);
        Answer quality = await server.SendAsync(HttpMethod.Get, $"{path}/quality", BackEnd);
        Answer proofs = await server.SendAsync(HttpMethod.Get, $"{path}/proofs?from=1&to=3", BackEnd);
        Answer timeline = await server.SendAsync(HttpMethod.Get, $"{path}/timeline", BackEnd);

        // Byte by byte: what was signed is what is given out.
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(_recording.Folder, "recording.json")), manifest.Body);
        Assert.Contains("\"wire_loss\"", gaps.Body, StringComparison.Ordinal);
        Assert.Equal(manifest.Json.GetProperty("quality").GetProperty("score").GetDouble(), FindScore(quality.Json));
        JsonElement merkle = manifest.Json.GetProperty("merkle");
        InclusionProof[] three = proofs.Json.GetProperty("proofs").Deserialize<InclusionProof[]>(JsonSerializerOptions.Web)!;
        Assert.Equal([1, 2, 3], three.Select(proof => proof.Chunk));
        AssertProofs(three, merkle.GetProperty("size").GetInt32(), merkle.GetProperty("root").GetString()!);
        Assert.Contains("\"kind\":\"recording_step\"", timeline.Body, StringComparison.Ordinal);
    }

    private static double FindScore(JsonElement answer) =>
        (answer.TryGetProperty("quality", out JsonElement inner) ? inner : answer).GetProperty("score").GetDouble();

    private static void AssertProofs(IEnumerable<InclusionProof> proofs, int size, string root)
    {
        foreach (InclusionProof proof in proofs)
            Assert.Equal(root, Convert.ToHexStringLower(RfcTree.Climb(Convert.FromHexString(proof.Hash), proof.Chunk, size, proof.Path)));
    }

    private static JsonElement Parse(byte[] json) => JsonDocument.Parse(Encoding.UTF8.GetString(json)).RootElement;

    private async Task PutAsync(TestServer server)
    {
        var state = new RecordingState
        {
            Id = _recording.Id,
            Room = new RoomKey("default", "claims"),
            RoomId = "RM_1",
            Policy = RecordingPolicy.Required,
            Phase = RecordingPhase.Sealed,
            RequestedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000),
            By = RoomActor.BackEnd("key"),
            Version = 1,
            Folder = _recording.Folder,
        };
        IRecordingStore store = server.App.Services.GetRequiredService<IRecordingStore>();
        Assert.True(await store.AppendAsync(new RecordingAppend
        {
            Room = state.Room,
            ExpectedEpoch = 0,
            ExpectedVersion = 0,
            Epoch = 1,
            Version = 1,
            State = state,
            Timeline = [new TimelineEntry(0, state.RequestedAt, """{"kind":"recording_phase","phase":"sealed"}""")],
            Participants = [],
        }));
    }
}
