using System.Text.Json.Serialization;

namespace Sfu.Recorder.Evidence;

/// <summary>The manifest of one segment, <c>seg-000001.json</c> (docs/evidence.md section 6).</summary>
/// <param name="V">Always <c>sfu-seg/1</c>.</param>
/// <param name="Recording">Id of the recording.</param>
/// <param name="Segment">Number in the folder, from 1.</param>
/// <param name="Node">Name of the recording node and of the folder.</param>
/// <param name="PrevManifestSha256">Hash of the manifest before; 64 zeros for the first.</param>
/// <param name="Partial">Closed by recovery.</param>
/// <param name="FromUtc">Receive time of the first record.</param>
/// <param name="ToUtc">Receive time of the last record.</param>
/// <param name="FromMonoNs">The same of the first on the monotonic clock.</param>
/// <param name="ToMonoNs">The same of the last.</param>
/// <param name="File">The file with the chunks.</param>
/// <param name="Chain">Where its chunks stand in the chain.</param>
/// <param name="Merkle">Tree over its chunks.</param>
/// <param name="Tracks">What was received of whom.</param>
/// <param name="Events">What happened in it.</param>
/// <param name="Clock">The server's clock against UTC.</param>
/// <param name="Signer">Id of the key.</param>
/// <param name="Alg">Always <c>ES256</c>.</param>
/// <param name="SignedAt">When it was signed.</param>
public sealed record SegmentManifest(
    string V, string Recording, int Segment, string Node, string PrevManifestSha256, bool Partial, string FromUtc, string ToUtc, long FromMonoNs, long ToMonoNs,
    [property: JsonPropertyName("object")] ObjectEntry File, ChainEntry Chain, MerkleEntry Merkle, IReadOnlyList<TrackEntry> Tracks, EventsEntry Events, ClockEntry Clock,
    string Signer, string Alg, string SignedAt);

/// <summary>A file of chunks.</summary>
/// <param name="Name">Its name in the folder of the manifest.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its hash.</param>
public sealed record ObjectEntry(string Name, long Bytes, string Sha256);

/// <summary>A stretch of the chain.</summary>
/// <param name="Prev">Hash before the first chunk.</param>
/// <param name="First">Hash of the first chunk.</param>
/// <param name="Last">Hash of the last chunk.</param>
/// <param name="FirstChunk">Number of the first chunk.</param>
/// <param name="Chunks">How many.</param>
public sealed record ChainEntry(string Prev, string First, string Last, ulong FirstChunk, long Chunks);

/// <summary>The chain of a whole recording.</summary>
/// <param name="First">Hash of the first chunk.</param>
/// <param name="Last">Hash of the last chunk.</param>
/// <param name="Chunks">How many.</param>
public sealed record WholeChainEntry(string First, string Last, long Chunks);

/// <summary>A Merkle tree over chunk hashes.</summary>
/// <param name="Alg">Always <c>rfc9162-sha256</c>.</param>
/// <param name="Size">Leaves.</param>
/// <param name="Root">Root hash.</param>
public sealed record MerkleEntry(string Alg, long Size, string Root);

/// <summary>One track of one participant.</summary>
/// <param name="No">Number in the chunks' headers.</param>
/// <param name="Participant">Id of the participant.</param>
/// <param name="Identity">The participant's identity in the application.</param>
/// <param name="Kind"><c>audio</c> or <c>video</c>.</param>
/// <param name="Source"><c>microphone</c>, <c>camera</c>, <c>screen_share</c>, ...</param>
/// <param name="Streams">Its SSRCs, in the order of first appearance.</param>
public sealed record TrackEntry(uint No, string Participant, string Identity, string Kind, string Source, IReadOnlyList<StreamEntry> Streams);

/// <summary>What is archived of one SSRC.</summary>
/// <param name="Ssrc">In eight hexadecimal digits.</param>
/// <param name="Codec">Its codec, lower case.</param>
/// <param name="ClockRate">RTP clock in Hz.</param>
/// <param name="Rid">Simulcast encoding, or null.</param>
/// <param name="FirstSeq">Lowest extended sequence number.</param>
/// <param name="LastSeq">Highest one.</param>
/// <param name="Received">Packets that the media worker says it received (R).</param>
/// <param name="Archived">Packets that the side indexes count (A).</param>
/// <param name="SenderPackets">Packets that the sender's reports say it sent (S); null without a report.</param>
/// <param name="Duplicates">Received again and not stored.</param>
/// <param name="Repaired">Came by RTX or FEC.</param>
/// <param name="Bytes">Of the archived packets.</param>
/// <param name="Lost">Ranges that are missing.</param>
/// <param name="Withheld">Ranges that were not stored because of a pause or for want of consent.</param>
public sealed record StreamEntry(
    string Ssrc, string Codec, int ClockRate, string? Rid, uint FirstSeq, uint LastSeq, long Received, long Archived, long? SenderPackets,
    long Duplicates, long Repaired, ulong Bytes, IReadOnlyList<uint[]> Lost, IReadOnlyList<uint[]> Withheld);

/// <summary>Events of a segment.</summary>
/// <param name="Total">Event records in it.</param>
/// <param name="Consent">Of them about consent.</param>
/// <param name="Pause">Pauses in it.</param>
public sealed record EventsEntry(int Total, int Consent, IReadOnlyList<PauseEntry> Pause);

/// <summary>One pause.</summary>
/// <param name="From">Its begin, or that of the segment.</param>
/// <param name="To">Its end, or that of the segment.</param>
/// <param name="Reason">Why.</param>
/// <param name="Scope">Whose media.</param>
public sealed record PauseEntry(string From, string To, string Reason, string Scope);

/// <summary>The server's clock against UTC.</summary>
/// <param name="Synced">The kernel says that it is synchronised.</param>
/// <param name="MaxErrorUs">The kernel's bound of its error, microseconds.</param>
public sealed record ClockEntry(bool Synced, long MaxErrorUs);
