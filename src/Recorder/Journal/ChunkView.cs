namespace Sfu.Recorder.Journal;

/// <summary>One whole frame, read in place: sizes and crc fit, nothing else is known of it.</summary>
public readonly ref struct ChunkView
{
    private readonly ReadOnlySpan<byte> _frame;

    internal ChunkView(ChunkHeader header, ReadOnlySpan<byte> frame)
    {
        Header = header;
        _frame = frame;
    }

    /// <summary>Its header.</summary>
    public ChunkHeader Header { get; }

    /// <summary>Every byte of it.</summary>
    public ReadOnlySpan<byte> Frame => _frame;

    /// <summary>What the chain covers: from the header to the tag.</summary>
    public ReadOnlySpan<byte> Linked => _frame[..^ChunkFormat.CrcSize];

    /// <summary>The side index of a chunk.</summary>
    public ReadOnlySpan<byte> Index => _frame.Slice(ChunkFormat.HeaderSize, Header.IndexSize);

    /// <summary>The sealed body of a chunk; the clear one of another frame.</summary>
    public ReadOnlySpan<byte> Body => _frame.Slice(ChunkFormat.HeaderSize + Header.IndexSize, Header.BodySize);

    /// <summary>The tag of a chunk.</summary>
    public ReadOnlySpan<byte> Tag => _frame.Slice(ChunkFormat.HeaderSize + Header.IndexSize + Header.BodySize, ChunkFormat.TagSize);
}
