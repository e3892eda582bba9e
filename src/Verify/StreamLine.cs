namespace Sfu.Verify;

/// <summary>What a manifest says about one stream.</summary>
internal sealed record StreamLine(
    uint Track, uint Ssrc, uint FirstSeq, uint LastSeq, long Received, long Archived, long? SenderPackets, long Duplicates, long Repaired, ulong Bytes,
    IReadOnlyList<Span32> Lost, IReadOnlyList<Span32> Withheld)
{
    internal string Name => $"track {Track} ssrc {Ssrc:x8}";
}
