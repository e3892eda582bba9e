using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sfu.Recorder.Capture;

/// <summary>Carries what taps copy from one media worker to the recorder: bounded, without locks, one writer, one reader.</summary>
/// <remarks>Written on the worker's thread, read on the recorder's. Neither allocates nor waits; what does not fit is refused.</remarks>
public sealed class CaptureRing
{
    private static readonly int HeadSize = Unsafe.SizeOf<RingEntry>();

    private readonly byte[] _bytes;
    private readonly int _mask;
    private Positions _positions;

    /// <summary>Makes an empty ring.</summary>
    /// <param name="bytes">A power of two, 64 KiB to 1 GiB.</param>
    public CaptureRing(int bytes)
    {
        if (!BitOperations.IsPow2(bytes) || bytes is < 1 << 16 or > 1 << 30)
            throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "A ring has a power of two of bytes, 65536 to 1073741824.");
        _bytes = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        _mask = bytes - 1;
    }

    /// <summary>Bytes that wait for the recorder; any thread.</summary>
    public long Waiting => Volatile.Read(ref _positions.Written) - Volatile.Read(ref _positions.Read);

    /// <summary>Where the writer is; what was written before is read before.</summary>
    internal long Written => Volatile.Read(ref _positions.Written);

    /// <summary>Where the reader is.</summary>
    internal long Consumed => Volatile.Read(ref _positions.Read);

    /// <summary>Copies an entry in; the worker's thread.</summary>
    /// <param name="entry">Sizes in it are set here.</param>
    /// <param name="payload">Follows it.</param>
    /// <returns>False when there is no room.</returns>
    internal bool TryWrite(ref RingEntry entry, ReadOnlySpan<byte> payload)
    {
        int size = (HeadSize + payload.Length + 7) & ~7;
        long at = _positions.Written;
        int offset = (int)at & _mask, rest = _bytes.Length - offset;
        int skip = rest < size ? rest : 0;                     // an entry lies in one piece
        if (at + skip + size - Volatile.Read(ref _positions.Read) > _bytes.Length) return false;
        if (skip > 0)
        {
            Unsafe.WriteUnaligned(ref _bytes[offset], 0);
            (at, offset) = (at + skip, 0);
        }

        entry.Size = size;
        entry.PayloadSize = payload.Length;
        MemoryMarshal.Write(_bytes.AsSpan(offset), in entry);
        payload.CopyTo(_bytes.AsSpan(offset + HeadSize));
        Volatile.Write(ref _positions.Written, at + size);
        return true;
    }

    /// <summary>Looks at the oldest entry before a position; the recorder's thread.</summary>
    /// <param name="end">From <see cref="Written"/>.</param>
    /// <param name="entry">Its head.</param>
    /// <param name="payload">Lies in the ring until <see cref="Advance"/>.</param>
    internal bool TryPeek(long end, out RingEntry entry, out ReadOnlySpan<byte> payload)
    {
        entry = default;
        payload = default;
        if (_positions.Read >= end) return false;
        int offset = (int)_positions.Read & _mask;
        if (Unsafe.ReadUnaligned<int>(ref _bytes[offset]) == 0)
        {
            Volatile.Write(ref _positions.Read, _positions.Read + _bytes.Length - offset);
            offset = 0;
        }

        entry = MemoryMarshal.Read<RingEntry>(_bytes.AsSpan(offset));
        payload = _bytes.AsSpan(offset + HeadSize, entry.PayloadSize);
        return true;
    }

    /// <summary>Gives the room of the entry back.</summary>
    internal void Advance(in RingEntry entry) => Volatile.Write(ref _positions.Read, _positions.Read + entry.Size);

    /// <summary>Apart from each other, so that writer and reader do not fight for one cache line.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Positions
    {
        [FieldOffset(64)]
        internal long Written;

        [FieldOffset(192)]
        internal long Read;
    }
}
