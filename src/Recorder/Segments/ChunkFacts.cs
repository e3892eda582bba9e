namespace Sfu.Recorder.Segments;

/// <summary>What is known in the clear about one sealed chunk.</summary>
/// <param name="Track">0 = the recording itself, 1.. = one track.</param>
/// <param name="Hash">Its link of the chain, 32 bytes.</param>
/// <param name="FirstWallMicroseconds">Receive time of its first record, microseconds since 1970.</param>
/// <param name="Streams">Its side index; empty for track 0.</param>
public sealed record ChunkFacts(uint Track, ReadOnlyMemory<byte> Hash, long FirstWallMicroseconds, IReadOnlyList<StreamIndex> Streams);
