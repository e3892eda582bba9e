using System.Buffers.Binary;

namespace Sfu.Media.Video;

/// <summary>The parameter sets of one stream that were seen last: what a muxer writes ahead of the frames. H.264: sequence and picture
/// parameter sets; H.265: video ones too; AV1: the sequence header OBU.</summary>
/// <remarks>Sets stay until one with the same id replaces them. Their number and length are bounded: at most 288 sets of 4 KiB.</remarks>
public abstract class VideoParameterSets
{
    private const int MaxSetBytes = 4096;
    private readonly byte[]?[] _sets;
    private readonly int[] _lengths;
    private bool _isChanged;

    private protected VideoParameterSets(int capacity)
    {
        _sets = new byte[capacity][];
        _lengths = new int[capacity];
    }

    /// <summary>Sets known.</summary>
    public int Count { get; private set; }

    /// <summary>Width in pixels of the set in use, or 0.</summary>
    public int Width { get; private protected set; }

    /// <summary>Height in pixels of the set in use, or 0.</summary>
    public int Height { get; private protected set; }

    /// <summary>Takes a NAL unit or OBU if it is a set.</summary>
    internal abstract bool Add(ReadOnlySpan<byte> unit);

    /// <summary>Gives the sets one after the other, in the order in which a decoder wants them.</summary>
    /// <param name="position">0 at first; then what the call before left in it.</param>
    /// <param name="unit">A NAL unit, or an OBU with its size; valid until the next call to the assembler.</param>
    public bool TryGetNext(ref int position, out ReadOnlySpan<byte> unit)
    {
        unit = default;
        while (position < _sets.Length)
        {
            int at = position++;
            if (_lengths[at] == 0) continue;
            unit = _sets[at].AsSpan(0, _lengths[at]);
            return true;
        }
        return false;
    }

    /// <summary>Writes all sets, each behind a start code or a length of four bytes; AV1: the OBU alone.</summary>
    /// <param name="framing">What is before each.</param>
    /// <param name="destination">Where to.</param>
    /// <returns>Bytes that all sets take; nothing was written when that is more than the destination has.</returns>
    public int CopyTo(NalFraming framing, Span<byte> destination)
    {
        int needed = 0;
        for (int i = 0; i < _sets.Length; i++)
            if (_lengths[i] > 0) needed += PrefixLength + _lengths[i];
        if (needed > destination.Length) return needed;
        int position = 0;
        while (TryGetNext(ref position, out ReadOnlySpan<byte> unit))
        {
            if (PrefixLength > 0) BinaryPrimitives.WriteInt32BigEndian(destination, framing == NalFraming.AnnexB ? 1 : unit.Length);
            unit.CopyTo(destination[PrefixLength..]);
            destination = destination[(PrefixLength + unit.Length)..];
        }
        return needed;
    }

    /// <summary>True once after a set came that was not known, or not with this content.</summary>
    internal bool TakeChanged()
    {
        bool isChanged = _isChanged;
        _isChanged = false;
        return isChanged;
    }

    /// <summary>Bytes before each set.</summary>
    private protected virtual int PrefixLength => 4;

    /// <summary>Keeps a set.</summary>
    private protected bool Store(int place, ReadOnlySpan<byte> unit)
    {
        if (unit.Length > MaxSetBytes) return false;
        ref byte[]? set = ref _sets[place];
        if (_lengths[place] == unit.Length && unit.SequenceEqual(set.AsSpan(0, unit.Length))) return true;
        if (set is null || set.Length < unit.Length) set = new byte[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)unit.Length)];
        if (_lengths[place] == 0) Count++;
        unit.CopyTo(set);
        _lengths[place] = unit.Length;
        _isChanged = true;
        return true;
    }
}
