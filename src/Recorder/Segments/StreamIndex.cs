namespace Sfu.Recorder.Segments;

/// <summary>What one chunk's side index says about one SSRC (docs/evidence.md section 3).</summary>
/// <param name="Ssrc">The stream.</param>
/// <param name="First">Lowest extended sequence number in the chunk.</param>
/// <param name="Last">Highest one.</param>
/// <param name="Packets">Different packets in it.</param>
/// <param name="Repaired">Of them by RTX or FEC.</param>
/// <param name="Duplicates">Received again and not stored.</param>
/// <param name="Bytes">Of the stored packets.</param>
/// <param name="Clock">RTP time stamp of the packet <paramref name="Last"/>, unwrapped to 64 bits.</param>
/// <param name="Holes">Numbers between first and last that are not in this chunk, ascending.</param>
public sealed record StreamIndex(
    uint Ssrc, uint First, uint Last, uint Packets, uint Repaired, uint Duplicates, ulong Bytes, long Clock, IReadOnlyList<SequenceRange> Holes);
