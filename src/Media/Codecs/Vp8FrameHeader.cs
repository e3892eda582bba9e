using System.Buffers.Binary;

namespace Sfu.Media.Codecs;

/// <summary>Reads the uncompressed start of a VP8 frame (RFC 6386 section 9.1).</summary>
internal static class Vp8FrameHeader
{
    private const int InterLength = 3;
    private const int KeyLength = 10;

    /// <summary>Reads whether a frame is a key frame and, if so, its size.</summary>
    /// <param name="frame">A whole frame; hostile.</param>
    /// <param name="isKeyFrame">It needs no other frame.</param>
    /// <param name="width">In pixels; 0 for a frame that is no key frame.</param>
    /// <param name="height">In pixels; 0 for a frame that is no key frame.</param>
    /// <returns>False for a frame no decoder could use.</returns>
    public static bool TryRead(ReadOnlySpan<byte> frame, out bool isKeyFrame, out int width, out int height)
    {
        width = height = 0;
        isKeyFrame = false;
        if (frame.Length < InterLength) return false;
        isKeyFrame = (frame[0] & 0x01) == 0;
        if (!isKeyFrame) return true;
        if (frame.Length < KeyLength || frame[3] != 0x9D || frame[4] != 0x01 || frame[5] != 0x2A) return false;
        width = BinaryPrimitives.ReadUInt16LittleEndian(frame[6..]) & 0x3FFF;  // the upper two bits ask for scaling
        height = BinaryPrimitives.ReadUInt16LittleEndian(frame[8..]) & 0x3FFF;
        return width != 0 && height != 0;
    }
}
