using System.Text.Json;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Reading;

namespace Sfu.Recordings.Evidence;

/// <summary>Reads an evidence folder of this machine: manifests as they lie there, chunks by the recorder's own reader.</summary>
internal sealed class FolderArchive : IRecordingArchive
{
    /// <inheritdoc/>
    public async Task<byte[]?> ManifestAsync(string folder, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, "recording.json");
        // Its signature is written before it: a manifest without one is not the recorder's.
        return File.Exists(path) && File.Exists(path + ".sig") ? await File.ReadAllBytesAsync(path, cancellation) : null;
    }

    /// <inheritdoc/>
    public bool HasSegment(string folder) => Segments(folder, "seg-*.json").Any(path => File.Exists(path + ".sig"));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<byte[]>> SegmentManifestsAsync(string folder, CancellationToken cancellation)
    {
        var manifests = new List<byte[]>();
        foreach (string path in Segments(folder, "seg-*.json"))
        {
            if (File.Exists(path + ".sig")) manifests.Add(await File.ReadAllBytesAsync(path, cancellation));
        }

        return manifests;
    }

    /// <inheritdoc/>
    public Task<JsonElement?> GapsAsync(string folder, CancellationToken cancellation) => MemberAsync(folder, "gaps", cancellation);

    /// <inheritdoc/>
    public Task<JsonElement?> QualityAsync(string folder, CancellationToken cancellation) => MemberAsync(folder, "quality", cancellation);

    /// <inheritdoc/>
    public async Task<InclusionProofs?> ProofsAsync(string folder, long from, long to, CancellationToken cancellation)
    {
        if (await ManifestAsync(folder, cancellation) is not { } manifest) return null;
        using JsonDocument document = Parse(manifest);
        string first = Text(document.RootElement, "recording");
        if (!Guid.TryParse(first, out Guid recording)) throw new InvalidDataException("The manifest names no recording.");
        IReadOnlyList<ChainHash> hashes = await Task.Run(() => EvidenceChain.Of(folder, recording, cancellation), cancellation);
        var tree = new MerklePaths([.. hashes.Select(hash => hash.ToArray())]);
        var proofs = new List<InclusionProof>();
        for (long chunk = Math.Max(from, 0); chunk <= to && chunk < hashes.Count; chunk++)
        {
            proofs.Add(new InclusionProof(
                chunk, hashes[(int)chunk].ToString(), [.. tree.PathOf((int)chunk).Select(hash => Convert.ToHexStringLower(hash))]));
        }

        return new InclusionProofs(hashes.Count, Convert.ToHexStringLower(tree.Root), proofs);
    }

    private async Task<JsonElement?> MemberAsync(string folder, string name, CancellationToken cancellation)
    {
        if (await ManifestAsync(folder, cancellation) is not { } manifest) return null;
        using JsonDocument document = Parse(manifest);
        return document.RootElement.TryGetProperty(name, out JsonElement member)
            ? member.Clone()
            : throw new InvalidDataException($"The manifest has no {name}.");
    }

    private static IEnumerable<string> Segments(string folder, string pattern)
    {
        string segments = Path.Combine(folder, "seg");
        return Directory.Exists(segments)
            ? Directory.EnumerateFiles(segments, pattern, SearchOption.AllDirectories).OrderBy(path => Path.GetFileName(path), StringComparer.Ordinal)
            : [];
    }

    private static JsonDocument Parse(byte[] manifest)
    {
        try
        {
            return JsonDocument.Parse(manifest);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("The manifest is no JSON.", e);
        }
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
