using System.Text.Json;

namespace Sfu.Verify;

/// <summary>Checks the sealed manifest: who signed it, and that it says what the segments hold.</summary>
internal sealed class SealedCheck(Evidence files, Report report, Signatures signatures, Tokens tokens)
{
    internal const string Name = "recording.json";
    private const int MaxManifest = 256 << 20;

    /// <summary>Reads the sealed manifest.</summary>
    /// <returns>What it says; null when it is not there or not to be believed.</returns>
    internal SealedFile? Load()
    {
        if (!files.Has(Name))
        {
            if (!signatures.HasSums && !files.Has(Name + ".tsr"))
                report.Add(Verdict.Truncated, "not_sealed", Name, "the recording did not end in order, or goes on");
            else if (!report.IsTampered(Name)) report.Add(Verdict.Tampered, "file_removed", Name, "the recording was sealed");
            return null;
        }
        if (!signatures.HasSums) report.Add(Verdict.Truncated, "sums_missing", Sums.Name, "the last step of sealing is missing");
        if (files.Read(Name, MaxManifest) is not { } content) return null;
        try
        {
            using JsonDocument document = Json.Parse(content);
            Trust trust = signatures.Check(Name, content, document.RootElement, out DateTimeOffset signedAt);
            SealedFile manifest = SealedFile.Parse(document.RootElement);
            if (trust != Trust.Changed) tokens.Check(Name, content, signedAt);
            if (trust != Trust.Genuine) return null;
            if (ChainState.RecordingBytes(manifest.Recording) is null) throw new MalformedException("recording: no UUID");
            (report.IsSealed, report.Recording, report.Gaps, report.GapsOmitted) = (true, manifest.Recording, manifest.Gaps, manifest.GapsOmitted);
            return manifest;
        }
        catch (MalformedException malformed)
        {
            if (!report.IsTampered(Name)) report.Add(Verdict.Tampered, "malformed", Name, malformed.Message);
            return null;
        }
    }

    /// <summary>Compares it with the chunks that were read.</summary>
    internal void Compare(SealedFile manifest, ChainState chain, Recount recount)
    {
        if (manifest.CompareGaps() is { } gaps) report.Add(Verdict.Tampered, "gaps_wrong", Name, gaps);
        report.LostPackets = manifest.Streams.Sum(stream => Span32.Sum(stream.Lost));
        if (chain.IsWhole) CompareWhole(manifest, chain, recount);
        foreach (StreamLine stream in manifest.Streams)
        {
            if (stream.Received != stream.Archived)
                report.Add(Verdict.ValidWithGaps, "received_not_archived", Name, $"{stream.Name}: {stream.Received} received, {stream.Archived} archived");
            long lost = Span32.Sum(stream.Lost);
            if (stream.SenderPackets is { } sent && sent - stream.Received != lost)
                report.Add(Verdict.ValidComplete, "sender_counts_otherwise", Name, $"{stream.Name}: {sent} sent by its reports, {stream.Received} received, {lost} lost");
        }
        bool isRedacted = manifest.Gaps.Any(gap => gap.Cause == "redacted");
        if (isRedacted) report.Add(Verdict.RedactedAsDeclared, "redacted", Name, "parts were erased, as the manifest declares");
        if (report.LostPackets > 0 || manifest.Interruptions > 0 || manifest.GapsOmitted > 0 || manifest.Gaps.Any(gap => !gap.IsNoLoss && gap.Cause != "redacted"))
            report.Add(Verdict.ValidWithGaps, "gaps", Name, $"{report.LostPackets} packets are lost, {manifest.Interruptions} interruptions");
    }

    private void CompareWhole(SealedFile manifest, ChainState chain, Recount recount)
    {
        bool isAlike = manifest.Chunks == chain.Tree.Size && Expected.Same(manifest.First, chain.First) && Expected.Same(manifest.Last, chain.Hash)
            && Expected.Same(manifest.MerkleRoot, chain.Tree.Root());
        if (!isAlike) report.Add(Verdict.Tampered, "contradiction", Name, "chain or tree are not those of its segments");
        if (recount.CompareTotal(manifest.Streams) is { } differs) report.Add(Verdict.Tampered, "count_wrong", Name, differs);
    }
}
