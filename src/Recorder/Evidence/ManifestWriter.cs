using System.Security.Cryptography;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Evidence;

/// <summary>Writes and signs the manifests of one recording, in order, and keeps what the sealed one needs.</summary>
/// <remarks>Owned by whoever closes the recording's segments; not thread-safe. What it throws is what the disk says: nothing was promised then.</remarks>
/// <param name="folder">The recording's folder, prepared.</param>
/// <param name="keys">The tenant's keys.</param>
/// <param name="signer">Id of the signer of this recording.</param>
public sealed class ManifestWriter(EvidenceFolder folder, SigningKeys keys, string signer)
{
    private const string NoManifest = "0000000000000000000000000000000000000000000000000000000000000000";

    private readonly List<SegmentEntry> _segments = [];
    private readonly MerkleTree _tree = new();
    private string _previous = NoManifest;
    private string _first = "", _last = "";

    /// <summary>Segments written so far.</summary>
    public IReadOnlyList<SegmentEntry> Segments => _segments;

    /// <summary>Goes on after segments that were written before a restart.</summary>
    /// <param name="node">Their node.</param>
    /// <param name="segment">Number of the next one in order.</param>
    /// <param name="chunkHashes">Chain hashes of its chunks.</param>
    public void Resume(string node, int segment, IEnumerable<ReadOnlyMemory<byte>> chunkHashes)
    {
        byte[] json = File.ReadAllBytes(folder.ManifestPath(node, segment));
        Take(ManifestJson.ReadSegment(json), json, chunkHashes);
    }

    /// <summary>Writes a segment's manifest and signature.</summary>
    /// <param name="segment">The segment, on disk.</param>
    /// <param name="tracks">What <see cref="Completeness.CloseSegment"/> said.</param>
    /// <param name="events">Its events.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="now">UTC.</param>
    /// <returns>Path of the manifest; its token is still missing.</returns>
    public string Write(SegmentFacts segment, IReadOnlyList<TrackEntry> tracks, EventsEntry events, ClockEntry clock, DateTimeOffset now)
    {
        var tree = new MerkleTree();
        foreach (ChunkFacts chunk in segment.Chunks) tree.Add(chunk.Hash.Span);
        var manifest = new SegmentManifest(
            "sfu-seg/1", segment.Recording.ToString("D"), segment.No, segment.Node, _previous, segment.Partial,
            ManifestJson.Utc(segment.FromWallMicroseconds), ManifestJson.Utc(segment.ToWallMicroseconds), segment.FromMonoNanoseconds, segment.ToMonoNanoseconds,
            new ObjectEntry(segment.ObjectName, segment.Bytes, ManifestJson.Hex(segment.Sha256.Span)),
            new ChainEntry(ManifestJson.Hex(segment.PreviousHash.Span), ManifestJson.Hex(segment.Chunks[0].Hash.Span), ManifestJson.Hex(segment.Chunks[^1].Hash.Span),
                segment.FirstChunk, segment.Chunks.Count),
            new MerkleEntry("rfc9162-sha256", tree.Count, ManifestJson.Hex(tree.Root())), tracks, events, clock, signer, "ES256", ManifestJson.Utc(now));
        byte[] json = ManifestJson.Serialize(manifest);
        string path = folder.ManifestPath(segment.Node, segment.No);
        EvidenceFolder.WriteSigned(path, json, keys, signer);
        Take(manifest, json, segment.Chunks.Select(chunk => chunk.Hash));
        return path;
    }

    /// <summary>Writes the sealed manifest and, last, the sums.</summary>
    /// <param name="facts">What the recording was.</param>
    /// <param name="report">What it holds and lacks.</param>
    /// <param name="now">UTC.</param>
    /// <returns>Path of the manifest; its token is still missing.</returns>
    public string Seal(RecordingFacts facts, CompletenessReport report, DateTimeOffset now)
    {
        var manifest = new SealedManifest(
            "sfu-rec/1", facts.Recording.ToString("D"), facts.Tenant, facts.Room, facts.Policy, facts.Node, ManifestJson.Utc(facts.Started),
            ManifestJson.Utc(facts.Ended), facts.EndReason, new WholeChainEntry(_first, _last, _tree.Count),
            new MerkleEntry("rfc9162-sha256", _tree.Count, ManifestJson.Hex(_tree.Root())), _segments, report.Tracks,
            [.. report.Gaps.Select(gap => gap.ToEntry())], report.GapsOmitted, report.Interruptions, report.Quality, signer, "ES256", ManifestJson.Utc(now));
        EvidenceFolder.WriteSigned(folder.SealedManifestPath, ManifestJson.Serialize(manifest), keys, signer);
        folder.WriteSums(keys, signer);
        return folder.SealedManifestPath;
    }

    private void Take(SegmentManifest manifest, byte[] json, IEnumerable<ReadOnlyMemory<byte>> chunkHashes)
    {
        foreach (ReadOnlyMemory<byte> hash in chunkHashes) _tree.Add(hash.Span);
        string own = ManifestJson.Hex(SHA256.HashData(json));
        _segments.Add(new SegmentEntry(
            manifest.Segment, manifest.Node, own, manifest.File.Sha256, manifest.Chain.FirstChunk, manifest.Chain.Chunks, manifest.Chain.Last, manifest.Merkle.Root));
        if (_first.Length == 0) _first = manifest.Chain.First;
        (_last, _previous) = (manifest.Chain.Last, own);
    }
}
