using System.Text.Json;

namespace Sfu.Verify;

/// <summary>Checks one segment: its manifest against its signature and its neighbours, its chunks against the manifest.</summary>
internal sealed class SegmentCheck(Evidence files, Report report, Signatures signatures, Tokens tokens, ChainState chain, Recount recount)
{
    private const int MaxManifest = 64 << 20;

    /// <summary>Checks the segment and moves the chain behind it.</summary>
    /// <param name="node">Its folder.</param>
    /// <param name="no">Its number.</param>
    /// <param name="line">What the sealed manifest says of it, if that is there and genuine.</param>
    /// <param name="place">Where it stands.</param>
    internal void Run(string node, long no, SegmentLine? line, Place place)
    {
        string stem = Stem(node, no), json = stem + ".json", name = stem + ".sfuj";
        if (!files.Has(json) && !files.Has(name)) { Missing(stem, place); Skip(line); return; }
        Trust trust = Trust.Unknown;
        SegmentFile? manifest = files.Has(json) ? LoadManifest(json, out trust) : NoManifest(stem, line, place);
        if (manifest is not null && trust == Trust.Genuine) CompareManifest(json, manifest, node, no, line);
        Expected? expected = manifest is not null && trust == Trust.Genuine && !report.IsTampered(json) ? Expected.Of(manifest)
            : line is not null ? Expected.Of(line) : null;
        bool isGood = ReadObject(name, json, expected, expected?.Bytes is null ? null : manifest, place);
        report.Segments++;
        Move(json, expected, isGood, trust == Trust.Genuine && !report.IsTampered(json));
    }

    internal static string Stem(string node, long no) => FormattableString.Invariant($"seg/{node}/seg-{no:D6}");

    private void Missing(string stem, Place place)
    {
        foreach (string suffix in (string[])[".sfuj", ".json", ".json.sig"]) signatures.Excuse(stem + suffix);
        if (place == Place.Within) report.Add(Verdict.Tampered, "segment_removed", stem + ".sfuj", "a segment is missing, and others follow it");
        else report.Add(Verdict.Truncated, "segment_missing", stem + ".sfuj", "the recording's end is missing from here on");
    }

    private SegmentFile? NoManifest(string stem, SegmentLine? line, Place place)
    {
        bool isTorn = line is null && place == Place.Last && !files.Has(stem + ".json.tsr") && !signatures.HasSums;
        signatures.Excuse(stem + ".json");
        signatures.Excuse(stem + ".json.sig");
        if (isTorn) report.Add(Verdict.Truncated, "unsigned_segment", stem + ".sfuj", "its manifest was not written yet: its chunks follow on, but nobody signed for them");
        else report.Add(Verdict.Tampered, "file_removed", stem + ".json", "the segment's manifest is missing");
        return null;
    }

    private SegmentFile? LoadManifest(string json, out Trust trust)
    {
        trust = Trust.Changed;
        if (files.Read(json, MaxManifest) is not { } content) return null;
        try
        {
            using JsonDocument document = Json.Parse(content);
            trust = signatures.Check(json, content, document.RootElement, out DateTimeOffset signedAt);
            SegmentFile manifest = SegmentFile.Parse(document.RootElement);
            if (trust != Trust.Changed) tokens.Check(json, content, signedAt);
            return manifest;
        }
        catch (MalformedException malformed)
        {
            if (!report.IsTampered(json)) report.Add(Verdict.Tampered, "malformed", json, malformed.Message);
            trust = Trust.Changed;
            return null;
        }
    }

    private void CompareManifest(string json, SegmentFile manifest, string node, long no, SegmentLine? line)
    {
        report.Recording ??= manifest.Recording;
        string? wrong = null;
        if (ChainState.RecordingBytes(manifest.Recording) is null || manifest.Recording != report.Recording) wrong = $"it belongs to recording {manifest.Recording}";
        else if (manifest.Segment != no || manifest.Node != node || manifest.ObjectName != $"{Stem(node, no).Split('/')[2]}.sfuj")
            wrong = $"it is the manifest of segment {manifest.Segment} of {manifest.Node}";
        else if (chain.Manifest is not null && !Expected.Same(manifest.PreviousManifest, chain.Manifest)) wrong = "it does not follow the manifest before";
        else if (line is not null && !Expected.Same(files.Hash(json), line.ManifestHash)) wrong = "the sealed manifest names another one";
        if (wrong is not null) { report.Add(Verdict.Tampered, "manifest_misplaced", json, wrong); return; }
        bool isSealedAlike = line is null || Expected.Same(line.ObjectHash, manifest.ObjectHash) && line.FirstChunk == manifest.FirstChunk
            && line.Chunks == manifest.Chunks && Expected.Same(line.Last, manifest.Last) && Expected.Same(line.MerkleRoot, manifest.MerkleRoot);
        if (!isSealedAlike) report.Add(Verdict.Tampered, "contradiction", "recording.json", $"it says other things of segment {no} than that segment's manifest");
        bool follows = (chain.Next is null || chain.Next == manifest.FirstChunk)
            && (chain.Hash is null ? chain.Next != 0 || Expected.Same(manifest.Prev, Genesis()) : Expected.Same(chain.Hash, manifest.Prev));
        if (!follows) report.Add(Verdict.Tampered, "chain_broken", json, "its chunks do not follow those of the segment before", manifest.FirstChunk);
    }

    private byte[]? Genesis() => report.Recording is { } id && ChainState.RecordingBytes(id) is { } bytes ? ChainState.Genesis(bytes) : null;

    /// <summary>Reads the chunks and compares them with what is expected.</summary>
    /// <returns>True when all of them are there and good.</returns>
    private bool ReadObject(string name, string json, Expected? expected, SegmentFile? manifest, Place place)
    {
        byte[]? recording = report.Recording is { } id ? ChainState.RecordingBytes(id) : null;
        using var check = new ObjectCheck(report, name, recording, expected?.FirstChunk ?? chain.Next, expected?.Prev ?? chain.Hash, expected?.Bytes);
        if (files.Has(name) && !files.ReadChunks(name, chunks => check.Read(chunks, chain.Tree, recount))) return false;
        report.Chunks += check.Chunks;
        chain.First ??= check.First;
        if (chain.IsWhole && expected is null) (chain.Next, chain.Hash) = (check.Next, check.Last);
        if (report.Recording is null && check.Recording is { } found) report.Recording = ChainState.Text(found);
        bool isGood = !check.IsDamaged && (expected is null ? Unsigned(name, check) : Compare(name, check, expected, place));
        if (isGood && expected is not null && !expected.IsMet(check))
        {
            report.Add(Verdict.Tampered, "contradiction", json, "chain, tree or size are not those of the chunks whose hash it names");
            isGood = false;
        }
        if (isGood && manifest is not null) CompareCounts(json, manifest);
        recount.Close();
        return isGood;
    }

    private bool Unsigned(string name, ObjectCheck check)
    {
        if (check.IsTorn) report.Add(Verdict.Truncated, "segment_cut", name, "the file ends within a chunk", check.Next, check.Bytes);
        return !check.IsTorn;
    }

    /// <summary>Tells a file that ends too early from one that was changed.</summary>
    private bool Compare(string name, ObjectCheck check, Expected expected, Place place)
    {
        bool isShort = expected.Bytes is { } bytes ? check.Bytes < bytes : check.Chunks < expected.Chunks;
        bool isFirstRight = expected.First is null || check.First is null || Expected.Same(expected.First, check.First);
        if (!isFirstRight)
            report.Add(Verdict.Tampered, "chunk_changed", name, "it is not the chunk that the manifest begins with, although its checksum fits", expected.FirstChunk, 0);
        else if (isShort && place == Place.Within)
            report.Add(Verdict.Tampered, "chunk_removed", name, $"{check.Chunks} of {expected.Chunks} chunks are there, and other segments follow", check.Next, check.Bytes);
        else if (isShort)
            report.Add(Verdict.Truncated, "segment_cut", name,
                $"{check.Chunks} of {expected.Chunks} chunks are there; they follow on, but only a whole segment is covered by its signature", check.Next, check.Bytes);
        else if (Expected.Same(files.Hash(name), expected.Hash))
            return true;
        else if (check.Chunks > expected.Chunks)
            report.Add(Verdict.Tampered, "chunk_added", name, $"{check.Chunks} chunks instead of {expected.Chunks}", expected.FirstChunk + (ulong)expected.Chunks);
        else
            report.Add(Verdict.Tampered, "object_changed", name, $"a chunk among {expected.FirstChunk} to {expected.FirstChunk + (ulong)expected.Chunks - 1} was changed and its checksum made to fit");
        if (isShort && place != Place.Within) signatures.Excuse(name);
        return false;
    }

    private void CompareCounts(string json, SegmentFile manifest)
    {
        if (recount.Compare(manifest.Streams) is { } differs) report.Add(Verdict.Tampered, "count_wrong", json, differs);
        foreach (StreamLine stream in manifest.Streams.Where(stream => stream.Received != stream.Archived))
            report.Add(Verdict.ValidWithGaps, "received_not_archived", json, $"{stream.Name}: {stream.Received} received, {stream.Archived} archived");
    }

    /// <summary>The segment is not there: the next one says itself where it begins.</summary>
    private void Skip(SegmentLine? line)
    {
        chain.IsWhole = false;
        (chain.Next, chain.Hash, chain.Manifest) = (line?.FirstChunk + (ulong?)line?.Chunks, line?.Last, line?.ManifestHash);
    }

    private void Move(string json, Expected? expected, bool isGood, bool isManifestGood)
    {
        if (!isGood) chain.IsWhole = false;
        chain.Manifest = isManifestGood ? files.Hash(json) : null;
        if (expected is not null) (chain.Next, chain.Hash) = (expected.FirstChunk + (ulong)expected.Chunks, expected.Last);
        else if (!isGood) (chain.Next, chain.Hash) = (null, null);
    }
}
