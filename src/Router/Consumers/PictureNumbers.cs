using System.Buffers.Binary;
using Sfu.Media.Codecs;

namespace Sfu.Router.Consumers;

/// <summary>Keeps picture id, TL0PICIDX and KEYIDX of VP8 and VP9 continuous for one viewer when encodings change or frames are left out.</summary>
/// <remarks>Owned by one consumer, in its <see cref="ConsumerLane"/>; the older changes are in a <see cref="NumberMap"/>, the same one with
/// each call. A VP8 decoder's reference finder waits for picture ids that are missing, so those of left-out frames close up; VP9's references
/// count in picture ids, so there they must not. A stream without these numbers passes unchanged.</remarks>
internal struct PictureNumbers
{
    private NumberLine _pictures;
    private byte _tl0Offset, _newestTl0;
    private byte _keyOffset, _newestKey;
    private bool _isBegun;
    private bool _isNewestSent;                            // and not left out

    /// <summary>Begins a source at its first packet: its numbers go on where the former ones ended.</summary>
    internal void Start(NumberMap map, in PictureDescriptor descriptor)
    {
        map.Start(ref _pictures, descriptor.PictureId, _isBegun ? _pictures.HighestOutgoing + 1 : descriptor.PictureId);
        _tl0Offset = _isBegun ? (byte)(_newestTl0 + 1 - descriptor.Tl0PicIdx) : (byte)0;
        _keyOffset = _isBegun ? (byte)((_newestKey + 1 - descriptor.KeyIdx) & 0x1F) : (byte)0;
        _newestTl0 = (byte)(descriptor.Tl0PicIdx + _tl0Offset);
        _newestKey = (byte)((descriptor.KeyIdx + _keyOffset) & 0x1F);
        _isBegun = true;
        _isNewestSent = false;
    }

    /// <summary>Maps the numbers of a packet that is to be sent, when its frame is the newest one or one soon after it.</summary>
    /// <param name="descriptor">What its payload says.</param>
    /// <param name="numbers">What to write.</param>
    /// <returns>False when the map must be asked: nothing was changed then.</returns>
    internal bool TryFollow(in PictureDescriptor descriptor, out WrittenNumbers numbers)
    {
        numbers = Shifted(descriptor);
        if (descriptor.PictureIdBits > 0)
        {
            long incoming = Unwrap(descriptor);
            if (_pictures.Follows(incoming)) _isNewestSent = true;
            else if (incoming != _pictures.Highest || !_isNewestSent) return false;
            numbers = numbers with { PictureId = (ushort)(_pictures.Advance(incoming) & 0x7FFF) };
        }

        OnWritten(numbers);
        return true;
    }

    /// <summary>Maps the numbers of a packet that is to be sent.</summary>
    /// <param name="map">What became of older ones.</param>
    /// <param name="descriptor">What its payload says.</param>
    /// <param name="numbers">What to write.</param>
    /// <returns>False when its frame was left out, or is from before the source began.</returns>
    internal bool TryMap(NumberMap map, in PictureDescriptor descriptor, out WrittenNumbers numbers)
    {
        numbers = Shifted(descriptor);
        if (descriptor.PictureIdBits > 0)
        {
            long incoming = Unwrap(descriptor);
            _isNewestSent |= incoming > _pictures.Highest;
            if (map.Map(ref _pictures, incoming, out long outgoing) != MappedNumber.Mapped) return false;
            numbers = numbers with { PictureId = (ushort)(outgoing & 0x7FFF) };
        }

        OnWritten(numbers);
        return true;
    }

    /// <summary>Leaves out the frame of a packet, if it is a new one or was left out already.</summary>
    /// <returns>False when a part of the frame was sent, or its place is reserved.</returns>
    internal bool TryLeaveOut(NumberMap map, in PictureDescriptor descriptor)
    {
        if (descriptor.PictureIdBits == 0 || !descriptor.ClosesUp) return true;
        long incoming = Unwrap(descriptor);
        if (!map.TryLeaveOut(ref _pictures, incoming)) return map.Find(_pictures, incoming, out _) == MappedNumber.LeftOut;
        _isNewestSent = false;
        return true;
    }

    private readonly WrittenNumbers Shifted(in PictureDescriptor descriptor) => new(
        descriptor.PictureId, (byte)(descriptor.Tl0PicIdx + _tl0Offset), (byte)((descriptor.KeyIdx + _keyOffset) & 0x1F));

    private void OnWritten(in WrittenNumbers numbers)
    {
        if ((sbyte)(numbers.Tl0PicIdx - _newestTl0) > 0) _newestTl0 = numbers.Tl0PicIdx;
        if (((numbers.KeyIdx - _newestKey) & 0x1F) < 16) _newestKey = numbers.KeyIdx;
    }

    // The nearest value to the highest one that ends in these 7 or 15 bits.
    private readonly long Unwrap(in PictureDescriptor descriptor)
    {
        int shift = 32 - descriptor.PictureIdBits;
        return _pictures.Highest + ((int)((uint)(descriptor.PictureId - (int)_pictures.Highest) << shift) >> shift);
    }
}

/// <summary>Numbers written into one packet's payload descriptor.</summary>
internal readonly record struct WrittenNumbers(ushort PictureId, byte Tl0PicIdx, byte KeyIdx)
{
    /// <summary>Writes the numbers into a copy of the payload's first <see cref="PictureDescriptor.PrefixLength"/> bytes.</summary>
    internal void Apply(in PayloadInfo info, Span<byte> prefix)
    {
        if (info.Vp8.Length > 0)
        {
            info.Vp8.Rewrite(prefix, PictureId, Tl0PicIdx, KeyIdx);
            return;
        }

        if (info.Vp9.PictureIdBits == 15) BinaryPrimitives.WriteUInt16BigEndian(prefix[info.Vp9.PictureIdAt..], (ushort)(0x8000 | PictureId));
        else if (info.Vp9.PictureIdBits == 7) prefix[info.Vp9.PictureIdAt] = (byte)(PictureId & 0x7F);
        if (info.Vp9.Tl0PicIdxAt != 0) prefix[info.Vp9.Tl0PicIdxAt] = Tl0PicIdx;
    }
}
