using static System.Buffers.Binary.BinaryPrimitives;

namespace Sfu.Recorder.Journal;

/// <summary>The 64 bytes in front of a chunk or another frame of the write-ahead log (docs/evidence.md section 2).</summary>
/// <param name="Kind">What follows.</param>
/// <param name="Flags">Marks of a chunk.</param>
/// <param name="Recording">Which recording; all zero for a frame of the file itself.</param>
/// <param name="Track">0 = the recording itself; 1.. = one track.</param>
/// <param name="KeyEpoch">Which key of the track sealed it.</param>
/// <param name="Chunk">Its number in the recording.</param>
/// <param name="FirstMono">Receive time of the first record, nanoseconds of the monotonic clock.</param>
/// <param name="FirstWall">The same instant, microseconds since 1970.</param>
/// <param name="BodySize">Bytes of the body.</param>
/// <param name="IndexSize">Bytes of the side index.</param>
public readonly record struct ChunkHeader(
    FrameKind Kind, ChunkMarks Flags, Guid Recording, uint Track, uint KeyEpoch, ulong Chunk, long FirstMono, long FirstWall, int BodySize, int IndexSize)
{
    private const ChunkMarks KnownFlags = ChunkMarks.Restarted | ChunkMarks.Last;

    /// <summary>Bytes of the whole frame: header, index, body, tag of a chunk, crc.</summary>
    public int FrameSize =>
        ChunkFormat.HeaderSize + IndexSize + BodySize + (Kind == FrameKind.Chunk ? ChunkFormat.TagSize : 0) + ChunkFormat.CrcSize;

    /// <summary>Writes the 64 bytes.</summary>
    public void Write(Span<byte> to)
    {
        ChunkFormat.Magic.CopyTo(to);
        to[4] = ChunkFormat.Version;
        to[5] = (byte)Kind;
        WriteUInt16LittleEndian(to[6..], (ushort)Flags);
        Recording.TryWriteBytes(to[8..], bigEndian: true, out _);
        WriteUInt32LittleEndian(to[24..], Track);
        WriteUInt32LittleEndian(to[28..], KeyEpoch);
        WriteUInt64LittleEndian(to[32..], Chunk);
        WriteInt64LittleEndian(to[40..], FirstMono);
        WriteInt64LittleEndian(to[48..], FirstWall);
        WriteInt32LittleEndian(to[56..], BodySize);
        WriteInt32LittleEndian(to[60..], IndexSize);
    }

    /// <summary>Reads the header of any frame and checks what can be checked without the rest.</summary>
    /// <param name="data">Hostile bytes.</param>
    /// <param name="header">Valid only for <see cref="JournalFailure.None"/>.</param>
    public static JournalFailure TryRead(ReadOnlySpan<byte> data, out ChunkHeader header)
    {
        header = default;
        if (data.Length < ChunkFormat.HeaderSize) return JournalFailure.Truncated;
        if (!data[..4].SequenceEqual(ChunkFormat.Magic)) return JournalFailure.BadMagic;
        if (data[4] != ChunkFormat.Version) return JournalFailure.BadVersion;
        var kind = (FrameKind)data[5];
        if (kind != FrameKind.Chunk && kind is < FrameKind.File or > FrameKind.Closed) return JournalFailure.BadKind;
        var flags = (ChunkMarks)ReadUInt16LittleEndian(data[6..]);
        if ((flags & ~KnownFlags) != 0) return JournalFailure.BadFlags;
        uint body = ReadUInt32LittleEndian(data[56..]), index = ReadUInt32LittleEndian(data[60..]);
        bool isChunk = kind == FrameKind.Chunk;
        if (body > (isChunk ? ChunkFormat.MaxBody : ChunkFormat.MaxFrameBody)) return JournalFailure.BadSize;
        if (index > (isChunk ? ChunkFormat.MaxIndex : 0)) return JournalFailure.BadSize;
        header = new ChunkHeader(
            kind, flags, new Guid(data.Slice(8, 16), bigEndian: true), ReadUInt32LittleEndian(data[24..]), ReadUInt32LittleEndian(data[28..]),
            ReadUInt64LittleEndian(data[32..]), ReadInt64LittleEndian(data[40..]), ReadInt64LittleEndian(data[48..]), (int)body, (int)index);
        return JournalFailure.None;
    }
}
