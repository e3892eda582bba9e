namespace Sfu.Recorder.Journal;

/// <summary>Collects the records of one track until a chunk is full: 250 ms, 64 KiB, or too many streams.</summary>
/// <remarks>Owned by the recorder's thread. Its buffer grows with what the track sends, up to one chunk.</remarks>
/// <param name="track">0 = the recording itself; 1.. = one track.</param>
internal sealed class ChunkBuilder(uint track)
{
    private const int FirstBuffer = 4096;

    private readonly SideIndexBuilder _index = new();
    private byte[] _body = new byte[FirstBuffer];
    private int _size;

    /// <summary>The track.</summary>
    internal uint Track => track;

    /// <summary>True when there is nothing to seal.</summary>
    internal bool IsEmpty { get; private set; } = true;

    /// <summary>Receive time of the first record, nanoseconds of the monotonic clock.</summary>
    internal long FirstMono { get; private set; }

    /// <summary>The same, microseconds since 1970.</summary>
    internal long FirstWall { get; private set; }

    /// <summary>The records so far.</summary>
    internal ReadOnlySpan<byte> Body => _body.AsSpan(0, _size);

    /// <summary>Bytes of the side index.</summary>
    internal int IndexSize => _index.Size;

    /// <summary>Packets of a stream stored since it began, over all chunks.</summary>
    internal long StoredOf(uint ssrc) => _index.StoredOf(ssrc);

    /// <summary>Writes the side index.</summary>
    internal void WriteIndex(Span<byte> to) => _index.Write(to);

    /// <summary>True when a record would not fit: the chunk must be sealed before.</summary>
    /// <param name="mono">Its receive time.</param>
    /// <param name="payload">Its bytes.</param>
    /// <param name="ssrc">The stream of an RTP packet.</param>
    internal bool MustCloseFor(long mono, int payload, uint? ssrc) => !IsEmpty
        && (_size + JournalRecord.HeadSize + payload > ChunkFormat.MaxBody || mono - FirstMono > ChunkFormat.MaxSpan.Ticks * 100
            || ssrc is { } stream && _index.IsFullFor(stream));

    /// <summary>Adds a record that is no RTP packet.</summary>
    internal void Add(scoped in JournalRecord record)
    {
        Begin(record.Mono, record.Wall);
        int size = JournalRecord.HeadSize + record.Payload.Length;
        if (_size + size > _body.Length) Grow(_size + size);
        record.Write(_body.AsSpan(_size));
        _size += size;
    }

    /// <summary>Adds an RTP packet, or counts it as a duplicate.</summary>
    /// <param name="record">At least 12 bytes of payload.</param>
    /// <param name="ssrc">Its stream.</param>
    /// <param name="number">Its extended sequence number.</param>
    internal void AddRtp(scoped in JournalRecord record, uint ssrc, uint number)
    {
        bool isRepaired = (record.Flags & (RecordMarks.RepairedByRtx | RecordMarks.RepairedByFec)) != 0;
        if (!_index.Add(ssrc, number, record.Payload, isRepaired, out bool isLate)) return;
        RecordMarks flags = isLate ? record.Flags | RecordMarks.Late : record.Flags;
        Add(new JournalRecord(record.Type, flags, record.Clock, record.Mono, record.Wall, record.Payload));
    }

    /// <summary>Forgets what was sealed.</summary>
    internal void Clear()
    {
        _index.Clear();
        _size = 0;
        IsEmpty = true;
    }

    private void Begin(long mono, long wall)
    {
        if (!IsEmpty) return;
        IsEmpty = false;
        FirstMono = mono;
        FirstWall = wall;
    }

    private void Grow(int size) =>
        Array.Resize(ref _body, Math.Min(ChunkFormat.MaxBody, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size)));
}
