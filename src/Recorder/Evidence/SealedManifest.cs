namespace Sfu.Recorder.Evidence;

/// <summary>The sealed manifest of a recording, <c>recording.json</c> (docs/evidence.md section 6).</summary>
/// <param name="V">Always <c>sfu-rec/1</c>.</param>
/// <param name="Recording">Id of the recording.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Room">Name of the room.</param>
/// <param name="Policy"><c>required</c> or <c>best_effort</c>.</param>
/// <param name="Node">The recording node.</param>
/// <param name="StartedUtc">When recording began.</param>
/// <param name="EndedUtc">When it ended.</param>
/// <param name="EndReason">Why.</param>
/// <param name="Chain">The chain over all chunks.</param>
/// <param name="Merkle">The tree over all chunks.</param>
/// <param name="Segments">All segments, in order.</param>
/// <param name="Tracks">What was archived in the end.</param>
/// <param name="Gaps">What is not there, with causes.</param>
/// <param name="GapsOmitted">Gaps beyond the first 100,000, shortest ones; their numbers stand in the tracks.</param>
/// <param name="Interruptions">When nothing was recorded at all.</param>
/// <param name="Quality">How much of the talk is there.</param>
/// <param name="Signer">Id of the key.</param>
/// <param name="Alg">Always <c>ES256</c>.</param>
/// <param name="SignedAt">When it was signed.</param>
public sealed record SealedManifest(
    string V, string Recording, string Tenant, string Room, string Policy, string Node, string StartedUtc, string EndedUtc, string EndReason,
    WholeChainEntry Chain, MerkleEntry Merkle, IReadOnlyList<SegmentEntry> Segments, IReadOnlyList<TrackEntry> Tracks, IReadOnlyList<GapEntry> Gaps,
    int GapsOmitted, IReadOnlyList<InterruptionEntry> Interruptions, QualityEntry Quality, string Signer, string Alg, string SignedAt);

/// <summary>One segment of a sealed recording.</summary>
/// <param name="No">Number in the folder of its node.</param>
/// <param name="Node">Name of that folder.</param>
/// <param name="ManifestSha256">Hash of its manifest.</param>
/// <param name="ObjectSha256">Hash of its chunks' file.</param>
/// <param name="FirstChunk">Number of its first chunk.</param>
/// <param name="Chunks">How many.</param>
/// <param name="Last">Chain hash of its last chunk.</param>
/// <param name="MerkleRoot">Root over its chunks.</param>
public sealed record SegmentEntry(int No, string Node, string ManifestSha256, string ObjectSha256, ulong FirstChunk, long Chunks, string Last, string MerkleRoot);

/// <summary>Something that is not in the archive.</summary>
/// <param name="Track">Track number; 0 = the whole recording.</param>
/// <param name="Ssrc">The stream, or null for all of the track.</param>
/// <param name="Cause">One of the causes of docs/evidence.md section 6.</param>
/// <param name="FromUtc">Begin.</param>
/// <param name="ToUtc">End.</param>
/// <param name="Ms">Milliseconds of media.</param>
/// <param name="FirstSeq">First missing number, or null.</param>
/// <param name="LastSeq">Last missing number, or null.</param>
/// <param name="Packets">Missing packets; 0 without numbers.</param>
public sealed record GapEntry(uint Track, string? Ssrc, string Cause, string FromUtc, string ToUtc, long Ms, uint? FirstSeq, uint? LastSeq, long Packets);

/// <summary>A time in which nothing was recorded.</summary>
/// <param name="FromUtc">Last record before.</param>
/// <param name="ToUtc">First record after.</param>
/// <param name="Cause">Why.</param>
public sealed record InterruptionEntry(string FromUtc, string ToUtc, string Cause);

/// <summary>Quality of a recording.</summary>
/// <param name="Score">0 to 100: that of the worst participant.</param>
/// <param name="Participants">Each participant's.</param>
public sealed record QualityEntry(double Score, IReadOnlyList<ParticipantQuality> Participants);

/// <summary>Quality of one participant's tracks.</summary>
/// <param name="Participant">Id.</param>
/// <param name="Identity">Identity in the application.</param>
/// <param name="Score">0 to 100.</param>
/// <param name="LostAudioMs">Milliseconds of lost audio.</param>
/// <param name="LongestGapMs">Longest loss in one piece.</param>
public sealed record ParticipantQuality(string Participant, string Identity, double Score, long LostAudioMs, long LongestGapMs);
