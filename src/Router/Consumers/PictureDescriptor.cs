using Sfu.Media.Codecs;

namespace Sfu.Router.Consumers;

/// <summary>The numbers of VP8 or VP9 in one packet's payload descriptor; all zero for other codecs. Read once per packet, used by every
/// consumer.</summary>
internal readonly struct PictureDescriptor
{
    /// <summary>Picks the numbers out of what the payload says.</summary>
    internal PictureDescriptor(in PayloadInfo info)
    {
        Vp9Descriptor vp9 = info.Vp9;
        Vp8Descriptor vp8 = info.Vp8;
        if (vp9.Length > 0)
        {
            PictureIdBits = vp9.PictureIdBits;
            Numbers = new WrittenNumbers(vp9.PictureId, vp9.Tl0PicIdx, 0);
            if (vp9.PictureIdAt + vp9.Tl0PicIdxAt > 0) PrefixLength = Math.Max(vp9.PictureIdAt + vp9.PictureIdBits / 7, vp9.Tl0PicIdxAt + 1);
            return;
        }

        PictureIdBits = vp8.PictureIdBits;
        Numbers = new WrittenNumbers(vp8.PictureId, vp8.Tl0PicIdx, vp8.KeyIdx);
        PrefixLength = vp8.PictureIdAt + vp8.Tl0PicIdxAt + vp8.LayerByteAt == 0 ? 0 : vp8.Length;
        ClosesUp = true;
    }

    /// <summary>Bits of the picture id: 7, 15, or 0 when there is none.</summary>
    internal readonly byte PictureIdBits;

    /// <summary>Picture ids of left-out frames close up: VP8, whose decoder waits for missing ones.</summary>
    internal readonly bool ClosesUp;

    /// <summary>Bytes at the payload's start that hold the numbers; 0 when it has none.</summary>
    internal readonly int PrefixLength;

    /// <summary>The numbers the payload has from the producer.</summary>
    internal readonly WrittenNumbers Numbers;

    /// <summary>Picture id, without the bit that tells its length.</summary>
    internal ushort PictureId => Numbers.PictureId;

    /// <summary>Number of the last frame of temporal layer 0.</summary>
    internal byte Tl0PicIdx => Numbers.Tl0PicIdx;

    /// <summary>Number of the last key frame.</summary>
    internal byte KeyIdx => Numbers.KeyIdx;
}
