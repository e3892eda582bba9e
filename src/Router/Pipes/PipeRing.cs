using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Pipes;

/// <summary>A bounded queue of records in native memory between two threads: one writes, one reads, neither ever waits for the other.</summary>
/// <remarks>
/// The writer's methods belong to one thread and the reader's to another. Records lie end to end, aligned to 8 bytes; what is written is seen
/// after <see cref="Publish"/>, what was read is free after <see cref="Release"/>. No lock, no allocation, no system call. Each side says once
/// that it has ended; the memory is freed by the second to say so, or with the object.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Neither thread may free what the other uses: the second of CloseWriter and CloseReader does.")]
internal sealed unsafe class PipeRing
{
    /// <summary>Longest body in bytes; an RTP packet has at most 1,500.</summary>
    internal const int MaxBody = 2048;

    private const int Alignment = 8;

    private readonly NativeBlock _block;
    private readonly byte* _memory;
    private readonly long _capacity;
    private readonly long _maxRecords;
    private Shared _shared;

    // The writer's own.
    private long _head;
    private long _written;
    private long _tailSeen;
    private long _readSeen;
    private bool _hasUnpublished;

    // The reader's own; away from the writer's.
    private Local _reader;

    /// <summary>Makes an empty ring.</summary>
    /// <param name="bytes">Size, a power of two of at least 4,096.</param>
    /// <param name="maxRecords">Most records that wait, at least 1.</param>
    internal PipeRing(int bytes, int maxRecords)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 2 * MaxBody);
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes & (bytes - 1), 0);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxRecords);
        _capacity = bytes;
        _maxRecords = maxRecords;
        _block = new NativeBlock(bytes);
        _memory = _block.Pointer;
    }

    /// <summary>Writer: it has ended and writes nothing more.</summary>
    internal bool IsWriterClosed { get; private set; }

    /// <summary>Reader: it has ended and reads nothing more.</summary>
    internal bool IsReaderClosed { get; private set; }

    /// <summary>Reader: a published record waits.</summary>
    internal bool HasMore => !IsReaderClosed && Volatile.Read(ref _shared.Head) != _reader.Tail;

    /// <summary>The memory was given back.</summary>
    internal bool IsFreed => _block.IsClosed;

    /// <summary>Writer: appends a record.</summary>
    /// <returns>False when there is no room; nothing has changed then.</returns>
    internal bool TryWrite(in PipeRecord record)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)record.Body.Length, (uint)MaxBody);
        if (IsWriterClosed) return false;
        int length = (sizeof(Header) + record.Body.Length + Alignment - 1) & -Alignment;
        long at = _head & (_capacity - 1);
        long filler = at + length > _capacity ? _capacity - at : 0;
        if (!HasRoom(filler + length)) return false;
        if (filler > 0)
        {
            *(Prefix*)(_memory + at) = new Prefix((ushort)(filler / Alignment), 0, PipeRecordKind.Filler, 0, PipeFlags.None);
            _head += filler;
            at = 0;
        }

        var header = (Header*)(_memory + at);
        header->Prefix = new Prefix((ushort)(length / Alignment), (ushort)record.Body.Length, record.Kind, record.Encoding, record.Flags);
        header->Channel = record.Channel;
        header->Time = record.Time;
        header->Index = record.Index;
        record.Body.CopyTo(new Span<byte>(_memory + at + sizeof(Header), record.Body.Length));
        _head += length;
        _written++;
        _hasUnpublished = true;
        return true;
    }

    /// <summary>Writer: lets the reader see what was written.</summary>
    /// <returns>False when nothing was written since the last call.</returns>
    internal bool Publish()
    {
        if (!_hasUnpublished) return false;
        _hasUnpublished = false;
        Volatile.Write(ref _shared.Head, _head);
        return true;
    }

    /// <summary>Reader: takes the oldest record; its body stays until <see cref="Release"/>.</summary>
    internal bool TryRead(out PipeRecord record)
    {
        record = default;
        if (!HasMore) return false;
        long at = _reader.Tail & (_capacity - 1);
        var prefix = (Prefix*)(_memory + at);
        if (prefix->Kind == PipeRecordKind.Filler)         // a record follows: both were published together
        {
            _reader.Tail += prefix->Units * Alignment;
            at = 0;
        }

        var header = (Header*)(_memory + at);
        record = new PipeRecord
        {
            Kind = header->Prefix.Kind,
            Encoding = header->Prefix.Encoding,
            Flags = header->Prefix.Flags,
            Channel = header->Channel,
            Time = header->Time,
            Index = header->Index,
            Body = new ReadOnlySpan<byte>(_memory + at + sizeof(Header), header->Prefix.Body),
        };
        _reader.Tail += header->Prefix.Units * Alignment;
        _reader.Read++;
        return true;
    }

    /// <summary>Reader: gives back the memory of what was read.</summary>
    internal void Release()
    {
        if (IsReaderClosed) return;
        Volatile.Write(ref _shared.Read, _reader.Read);
        Volatile.Write(ref _shared.Tail, _reader.Tail);
    }

    /// <summary>Writer: ends; what was not published is lost.</summary>
    internal void CloseWriter()
    {
        if (IsWriterClosed) return;
        IsWriterClosed = true;
        CloseOne();
    }

    /// <summary>Reader: ends; what waits is lost.</summary>
    internal void CloseReader()
    {
        if (IsReaderClosed) return;
        IsReaderClosed = true;
        CloseOne();
    }

    private bool HasRoom(long bytes)
    {
        if (_head + bytes - _tailSeen <= _capacity && _written - _readSeen < _maxRecords) return true;
        _tailSeen = Volatile.Read(ref _shared.Tail);
        _readSeen = Volatile.Read(ref _shared.Read);
        return _head + bytes - _tailSeen <= _capacity && _written - _readSeen < _maxRecords;
    }

    private void CloseOne()
    {
        if (Interlocked.Increment(ref _shared.Closed) == 2) _block.Dispose();
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Prefix(ushort units, ushort body, PipeRecordKind kind, byte encoding, PipeFlags flags)
    {
        internal readonly ushort Units = units;            // of 8 bytes, the header counted
        internal readonly ushort Body = body;
        internal readonly PipeRecordKind Kind = kind;
        internal readonly byte Encoding = encoding;
        internal readonly PipeFlags Flags = flags;
        private readonly byte _none;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        internal Prefix Prefix;
        internal long Channel;
        internal long Time;
        internal long Index;
    }

    /// <summary>What both threads touch, each on its own pair of cache lines.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private struct Shared
    {
        [FieldOffset(128)] internal long Head;
        [FieldOffset(256)] internal long Tail;
        [FieldOffset(264)] internal long Read;
        [FieldOffset(384)] internal int Closed;
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Local
    {
        [FieldOffset(128)] internal long Tail;
        [FieldOffset(136)] internal long Read;
    }
}
