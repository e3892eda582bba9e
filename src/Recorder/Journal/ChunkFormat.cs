namespace Sfu.Recorder.Journal;

/// <summary>Sizes and limits of chunks (docs/evidence.md section 2).</summary>
public static class ChunkFormat
{
    /// <summary>Bytes of the header of a chunk and of every other frame.</summary>
    public const int HeaderSize = 64;

    /// <summary>Bytes of the GCM tag.</summary>
    public const int TagSize = 16;

    /// <summary>Bytes of the crc at the end.</summary>
    public const int CrcSize = 4;

    /// <summary>Most bytes of a sealed body.</summary>
    public const int MaxBody = 65_536;

    /// <summary>Most bytes of a side index.</summary>
    public const int MaxIndex = 65_536;

    /// <summary>Most bytes of a whole chunk.</summary>
    public const int MaxChunk = HeaderSize + MaxIndex + MaxBody + TagSize + CrcSize;

    /// <summary>Most bytes in a frame of the write-ahead log that is no chunk.</summary>
    public const int MaxFrameBody = 1 << 20;

    /// <summary>The longest time that one chunk covers.</summary>
    public static readonly TimeSpan MaxSpan = TimeSpan.FromMilliseconds(250);

    /// <summary>First bytes of every frame.</summary>
    public static ReadOnlySpan<byte> Magic => "SFUJ"u8;

    /// <summary>The version of the format.</summary>
    public const byte Version = 1;
}
