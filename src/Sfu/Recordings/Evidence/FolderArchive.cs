using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Sfu.Recorder.Evidence;

namespace Sfu.Recordings.Evidence;

/// <summary>Reads an evidence folder of this machine, byte by byte as docs/evidence.md has it.</summary>
internal sealed class FolderArchive : IRecordingArchive
{
    private const int HeaderSize = 64;
    private const int TrailerSize = 16 + 4;
    private const int MaxPart = 64 * 1024;

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
        List<byte[]> hashes = await Task.Run(() => Chain(folder, recording, cancellation), cancellation);
        var tree = new MerklePaths(hashes);
        var proofs = new List<InclusionProof>();
        for (long chunk = Math.Max(from, 0); chunk <= to && chunk < hashes.Count; chunk++)
        {
            proofs.Add(new InclusionProof(
                chunk, Convert.ToHexStringLower(hashes[(int)chunk]), [.. tree.PathOf((int)chunk).Select(hash => Convert.ToHexStringLower(hash))]));
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

    /// <summary>The hash of every chunk, in order: section 2.</summary>
    private static List<byte[]> Chain(string folder, Guid recording, CancellationToken cancellation)
    {
        var hashes = new List<byte[]>();
        byte[] last = SHA256.HashData([.. "SFUJ1"u8, .. recording.ToByteArray(bigEndian: true)]);
        byte[] header = new byte[HeaderSize];
        byte[] rest = new byte[2 * MaxPart + TrailerSize];
        foreach (string path in Segments(folder, "seg-*.sfuj"))
        {
            using FileStream file = File.OpenRead(path);
            while (file.Position < file.Length)
            {
                cancellation.ThrowIfCancellationRequested();
                file.ReadExactly(header);
                uint body = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(56));
                uint index = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(60));
                if (!header.AsSpan(0, 4).SequenceEqual("SFUJ"u8) || body > MaxPart || index > MaxPart)
                    throw new InvalidDataException($"{Path.GetFileName(path)} has no chunk at {file.Position - HeaderSize}.");
                Span<byte> part = rest.AsSpan(0, (int)(body + index + TrailerSize));
                file.ReadExactly(part);
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                hash.AppendData(last);
                hash.AppendData(header);
                hash.AppendData(part[..^4]); // the crc is not part of the chain
                hashes.Add(last = hash.GetHashAndReset());
            }
        }

        return hashes;
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
