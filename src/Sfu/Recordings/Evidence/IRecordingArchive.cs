using System.Text.Json;

namespace Sfu.Recordings.Evidence;

/// <summary>Reads what the evidence folder of a recording says (docs/evidence.md). Reads only; asks no recorder.</summary>
/// <remarks>Every method gets the folder from the recording's state, an absolute path. JSON is given out as it lies in the folder: to write it
/// anew would break its signature. A folder that is being written is read as far as it is closed. Methods throw <see cref="IOException"/>
/// or <see cref="InvalidDataException"/> when the folder cannot be read, and nothing else.</remarks>
public interface IRecordingArchive
{
    /// <summary>The sealed manifest's exact bytes; null before it is sealed.</summary>
    Task<byte[]?> ManifestAsync(string folder, CancellationToken cancellation);

    /// <summary>True when a segment is signed: there is something to derive from.</summary>
    bool HasSegment(string folder);

    /// <summary>Manifests of the closed segments in order, their exact bytes.</summary>
    Task<IReadOnlyList<byte[]>> SegmentManifestsAsync(string folder, CancellationToken cancellation);

    /// <summary>The gaps (<c>gaps</c> of the sealed manifest); null before it is sealed.</summary>
    Task<JsonElement?> GapsAsync(string folder, CancellationToken cancellation);

    /// <summary>The quality (<c>quality</c> of the sealed manifest); null before it is sealed.</summary>
    Task<JsonElement?> QualityAsync(string folder, CancellationToken cancellation);

    /// <summary>Inclusion proofs (RFC 9162 section 2.1.3) of the chunks <paramref name="from"/> to <paramref name="to"/> (included) against the
    /// root of the sealed manifest; null before it is sealed. Numbers that do not exist are left out.</summary>
    Task<InclusionProofs?> ProofsAsync(string folder, long from, long to, CancellationToken cancellation);
}

/// <summary>Proofs that chunks belong to a sealed recording.</summary>
/// <param name="Size">Chunks in the tree.</param>
/// <param name="Root">Its root, lower-case hexadecimal.</param>
/// <param name="Proofs">One per chunk.</param>
public sealed record InclusionProofs(long Size, string Root, IReadOnlyList<InclusionProof> Proofs);

/// <summary>One proof.</summary>
/// <param name="Chunk">Number of the chunk: the leaf's index.</param>
/// <param name="Hash">The chunk's hash in the chain, lower-case hexadecimal.</param>
/// <param name="Path">Hashes of the siblings, from the leaf up.</param>
public sealed record InclusionProof(long Chunk, string Hash, IReadOnlyList<string> Path);
