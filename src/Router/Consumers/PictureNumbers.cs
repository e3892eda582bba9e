using System.Buffers.Binary;
using Sfu.Media.Codecs;

namespace Sfu.Router.Consumers;

/// <summary>Keeps picture id, TL0PICIDX and KEYIDX of VP8 and VP9 continuous for one viewer when encodings change or frames are left out.</summary>
/// <remarks>Owned by one consumer. A VP8 decoder's reference finder waits for picture ids that are missing, so those of left-out frames
/// close up; VP9's references count in picture ids, so there they must not. A stream without these numbers passes unchanged.</remarks>
internal sealed class PictureNumbers
{
    private readonly NumberMap _pictures = new();
    private long _highestIncoming;
    private byte _tl0Offset, _newestTl0;
    private byte _keyOffset, _newestKey;
    private bool _isBegun;

    /// <summary>Begins a source at its first packet: its numbers go on where the former ones ended.</summary>
    internal void Start(in PictureDescriptor descriptor)
    {
        _highestIncoming = descriptor.PictureId;
        _pictures.Start(_highestIncoming, _isBegun ? _pictures.HighestOutgoing + 1 : descriptor.PictureId);
        _tl0Offset = _isBegun ? (byte)(_newestTl0 + 1 - descriptor.Tl0PicIdx) : (byte)0;
        _keyOffset = _isBegun ? (byte)((_newestKey + 1 - descriptor.KeyIdx) & 0x1F) : (byte)0;
        _newestTl0 = (byte)(descriptor.Tl0PicIdx + _tl0Offset);
        _newestKey = (byte)((descriptor.KeyIdx + _keyOffset) & 0x1F);
        _isBegun = true;
    }

    /// <summary>Maps the numbers of a packet that is to be sent.</summary>
    /// <param name="descriptor">What its payload says.</param>
    /// <param name="numbers">What to write.</param>
    /// <returns>False when its frame was left out, or is from before the source began.</returns>
    internal bool TryMap(in PictureDescriptor descriptor, out WrittenNumbers numbers)
    {
        byte tl0 = (byte)(descriptor.Tl0PicIdx + _tl0Offset), key = (byte)((descriptor.KeyIdx + _keyOffset) & 0x1F);
        numbers = new WrittenNumbers(descriptor.PictureId, tl0, key);
        if (descriptor.PictureIdBits > 0)
        {
            if (_pictures.Map(Unwrap(descriptor), out long outgoing) != MappedNumber.Mapped) return false;
            numbers = numbers with { PictureId = (ushort)(outgoing & 0x7FFF) };
        }

        if ((sbyte)(tl0 - _newestTl0) > 0) _newestTl0 = tl0;
        if (((key - _newestKey) & 0x1F) < 16) _newestKey = key;
        return true;
    }

    /// <summary>Leaves out the frame of a packet, if it is a new one or was left out already.</summary>
    /// <returns>False when a part of the frame was sent, or its place is reserved.</returns>
    internal bool TryLeaveOut(in PictureDescriptor descriptor)
    {
        if (descriptor.PictureIdBits == 0 || !descriptor.ClosesUp) return true;
        long incoming = Unwrap(descriptor);
        return _pictures.TryLeaveOut(incoming) || _pictures.Find(incoming, out _) == MappedNumber.LeftOut;
    }

    // The nearest value to the highest one that ends in these 7 or 15 bits.
    private long Unwrap(in PictureDescriptor descriptor)
    {
        int shift = 32 - descriptor.PictureIdBits;
        int distance = (int)((uint)(descriptor.PictureId - (int)_highestIncoming) << shift) >> shift;
        long incoming = _highestIncoming + distance;
        if (distance > 0) _highestIncoming = incoming;
        return incoming;
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
