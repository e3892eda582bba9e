namespace Sfu.Media.Video;

/// <summary>How the NAL units of an H.264 or H.265 frame are told apart.</summary>
public enum NalFraming
{
    /// <summary>A start code of four bytes (00 00 00 01) before each: the byte stream format of Annex B, which decoders take.</summary>
    AnnexB = 0,

    /// <summary>The length of each before it, in four bytes: what MP4 and Matroska take (ISO/IEC 14496-15).</summary>
    LengthPrefixed,
}
