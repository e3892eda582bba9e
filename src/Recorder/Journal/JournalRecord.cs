using static System.Buffers.Binary.BinaryPrimitives;

namespace Sfu.Recorder.Journal;

/// <summary>One record of a chunk's body, read in place (docs/evidence.md section 2).</summary>
public readonly ref struct JournalRecord
{
    /// <summary>Bytes in front of the payload.</summary>
    public const int HeadSize = 24;

    /// <summary>Most bytes of a payload: a chunk must hold one record.</summary>
    public const int MaxPayload = ChunkFormat.MaxBody - HeadSize;

    /// <summary>Makes a record to write.</summary>
    public JournalRecord(RecordType type, RecordMarks flags, ClockErrorClass clock, long mono, long wall, ReadOnlySpan<byte> payload)
    {
        Type = type;
        Flags = flags;
        Clock = clock;
        Mono = mono;
        Wall = wall;
        Payload = payload;
    }

    /// <summary>What the payload is.</summary>
    public RecordType Type { get; }

    /// <summary>How it came.</summary>
    public RecordMarks Flags { get; }

    /// <summary>How far the wall clock may be off.</summary>
    public ClockErrorClass Clock { get; }

    /// <summary>Receive time, nanoseconds of the monotonic clock.</summary>
    public long Mono { get; }

    /// <summary>Receive time, microseconds since 1970.</summary>
    public long Wall { get; }

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Writes head and payload.</summary>
    public void Write(Span<byte> to)
    {
        to[0] = (byte)Type;
        to[1] = (byte)Flags;
        to[2] = (byte)Clock;
        to[3] = 0;
        WriteInt32LittleEndian(to[4..], Payload.Length);
        WriteInt64LittleEndian(to[8..], Mono);
        WriteInt64LittleEndian(to[16..], Wall);
        Payload.CopyTo(to[HeadSize..]);
    }

    /// <summary>Takes the first record of what is left of a body.</summary>
    /// <param name="rest">Hostile bytes, not empty; afterwards what follows the record.</param>
    /// <param name="record">Valid only for <see cref="JournalFailure.None"/>.</param>
    public static JournalFailure TryTake(scoped ref ReadOnlySpan<byte> rest, out JournalRecord record)
    {
        record = default;
        if (rest.Length < HeadSize) return JournalFailure.Truncated;
        var type = (RecordType)rest[0];
        if (type is < RecordType.Rtp or > RecordType.ClockAnchor || rest[1] > 7 || rest[2] > (byte)ClockErrorClass.Worse || rest[3] != 0)
            return JournalFailure.BadRecord;
        uint size = ReadUInt32LittleEndian(rest[4..]);
        if (size > rest.Length - HeadSize) return JournalFailure.Truncated;
        record = new JournalRecord(
            type, (RecordMarks)rest[1], (ClockErrorClass)rest[2], ReadInt64LittleEndian(rest[8..]), ReadInt64LittleEndian(rest[16..]),
            rest.Slice(HeadSize, (int)size));
        rest = rest[(HeadSize + (int)size)..];
        return JournalFailure.None;
    }
}
