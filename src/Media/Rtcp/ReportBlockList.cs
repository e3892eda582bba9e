namespace Sfu.Media.Rtcp;

/// <summary>The report blocks of a sender or receiver report, read in place; 0 to 31.</summary>
public readonly ref struct ReportBlockList
{
    private readonly ReadOnlySpan<byte> _blocks;

    internal ReportBlockList(ReadOnlySpan<byte> blocks) => _blocks = blocks;

    /// <summary>Number of blocks.</summary>
    public int Count => _blocks.Length / ReportBlock.Size;

    /// <summary>The block at an index below <see cref="Count"/>.</summary>
    public ReportBlock this[int index] => ReportBlock.Read(_blocks.Slice(index * ReportBlock.Size, ReportBlock.Size));
}
