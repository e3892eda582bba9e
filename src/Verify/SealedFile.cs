using System.Text.Json;

namespace Sfu.Verify;

/// <summary>What the sealed manifest says about one segment.</summary>
internal sealed record SegmentLine(long No, string Node, byte[] ManifestHash, byte[] ObjectHash, ulong FirstChunk, long Chunks, byte[] Last, byte[] MerkleRoot);

/// <summary>The sealed manifest, as far as it is checked.</summary>
internal sealed record SealedFile(
    string Recording, byte[] First, byte[] Last, long Chunks, byte[] MerkleRoot, IReadOnlyList<SegmentLine> Segments, IReadOnlyList<StreamLine> Streams,
    IReadOnlyList<GapLine> Gaps, long GapsOmitted, int Interruptions)
{
    internal static SealedFile Parse(JsonElement root)
    {
        if (root.Text("v") != "sfu-rec/1") throw new MalformedException("v: another version");
        if (root.Text("alg") != "ES256") throw new MalformedException("alg: another algorithm");
        JsonElement chain = root.Object("chain"), merkle = root.Object("merkle");
        long chunks = chain.Count("chunks");
        if (merkle.Text("alg") != "rfc9162-sha256" || merkle.Count("size") != chunks) throw new MalformedException("merkle: another tree");
        List<SegmentLine> segments =
        [
            .. root.Items("segments").Select(line => new SegmentLine(
                line.Count("no"), line.Text("node"), line.Hash("manifestSha256"), line.Hash("objectSha256"), (ulong)line.Count("firstChunk"), line.Count("chunks"),
                line.Hash("last"), line.Hash("merkleRoot"))),
        ];
        if (segments.Count == 0) throw new MalformedException("segments: none");
        List<GapLine> gaps =
        [
            .. root.Items("gaps").Select(gap => new GapLine(
                gap.U32("track"), gap.TextOrNull("ssrc"), gap.Text("cause"), gap.Text("fromUtc"), gap.Text("toUtc"), gap.Count("ms"), gap.U32OrNull("firstSeq"),
                gap.U32OrNull("lastSeq"), gap.Count("packets"))),
        ];
        return new SealedFile(
            root.Text("recording"), chain.Hash("first"), chain.Hash("last"), chunks, merkle.Hash("root"), segments, SegmentFile.ParseStreams(root), gaps,
            root.Count("gapsOmitted"), root.Items("interruptions").Count());
    }

    /// <summary>Compares the listed gaps with the lost numbers of the streams.</summary>
    /// <returns>What differs, or null.</returns>
    internal string? CompareGaps()
    {
        var listed = new Dictionary<(uint, string?), List<Span32>>();
        foreach (GapLine gap in Gaps)
        {
            if (!gap.IsKnown) return $"cause {gap.Cause} is not known";
            if (gap.FirstSeq is not { } first || gap.LastSeq is not { } last) continue;
            if (last < first || gap.Packets != (long)last - first + 1) return $"the gap at {first} counts {gap.Packets} packets";
            if (gap.IsNoLoss) return $"the gap at {first} has numbers and is no loss";
            if (!listed.TryGetValue((gap.Track, gap.Ssrc), out List<Span32>? spans)) listed.Add((gap.Track, gap.Ssrc), spans = []);
            spans.Add(new Span32(first, last));
        }
        long numbers = listed.Values.Sum(Span32.Sum), matched = 0;
        foreach (StreamLine stream in Streams)
        {
            if (!listed.TryGetValue((stream.Track, $"{stream.Ssrc:x8}"), out List<Span32>? spans)) spans = [];
            List<Span32> lost = [.. stream.Lost];
            (long listedSum, long lostSum) = (Span32.Sum(spans), Span32.Sum(lost));
            matched += listedSum;
            Span32.Normalize(spans);
            Span32.Normalize(lost);
            if (listedSum != Span32.Sum(spans) || listedSum > lostSum || GapsOmitted == 0 && !spans.SequenceEqual(lost))
                return $"{stream.Name}: {lostSum} numbers are lost, the gaps name {listedSum}";
        }
        return matched == numbers ? null : "a gap names a stream that is not there";
    }
}
