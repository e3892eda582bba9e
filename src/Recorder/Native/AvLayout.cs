namespace Sfu.Recorder.Native;

/// <summary>Places of fields and values of constants in FFmpeg 5.1's headers: all that the bindings take from them.</summary>
/// <remarks>The sonames 57, 58 and 59 fix them; a test compiles a C program against the installed headers and compares every one.</remarks>
internal static class AvLayout
{
    // AVFormatContext, AVStream
    public const int FormatPb = 32;
    public const int FormatMetadata = 176;
    public const int FormatChapterCount = 164;
    public const int FormatChapters = 168;
    public const int StreamIndex = 0;
    public const int StreamId = 4;
    public const int StreamTimeBase = 16;
    public const int StreamMetadata = 64;
    public const int StreamParameters = 208;

    // AVChapter
    public const int ChapterId = 0;
    public const int ChapterTimeBase = 8;
    public const int ChapterStart = 16;
    public const int ChapterEnd = 24;
    public const int ChapterMetadata = 32;
    public const int ChapterSize = 40;

    // AVCodecParameters
    public const int ParametersType = 0;
    public const int ParametersCodec = 4;
    public const int ParametersTag = 8;
    public const int ParametersExtradata = 16;
    public const int ParametersExtradataSize = 24;
    public const int ParametersFormat = 28;
    public const int ParametersBitRate = 32;
    public const int ParametersWidth = 56;
    public const int ParametersHeight = 60;
    public const int ParametersSampleRate = 116;
    public const int ParametersFrameSize = 124;
    public const int ParametersChannels = 144;

    // AVPacket
    public const int PacketPts = 8;
    public const int PacketDts = 16;
    public const int PacketData = 24;
    public const int PacketSize = 32;
    public const int PacketStream = 36;
    public const int PacketFlags = 40;
    public const int PacketDuration = 64;

    // AVFrame
    public const int FrameData = 0;
    public const int FrameLineSizes = 64;
    public const int FrameExtendedData = 96;
    public const int FrameWidth = 104;
    public const int FrameHeight = 108;
    public const int FrameSamples = 112;
    public const int FrameFormat = 116;
    public const int FramePts = 136;
    public const int FrameSampleRate = 208;
    public const int FramePictureType = 124;
    public const int FrameChannels = 448;

    // AVChannelLayout, AVDictionaryEntry
    public const int ChannelCount = 4;
    public const int EntryKey = 0;
    public const int EntryValue = 8;

    // Constants
    public const int TypeVideo = 0;
    public const int TypeAudio = 1;
    public const int CodecH264 = 27;
    public const int CodecVp8 = 139;
    public const int CodecVp9 = 167;
    public const int CodecH265 = 173;
    public const int CodecAv1 = 226;
    public const int CodecPcmMulaw = 65542;
    public const int CodecPcmAlaw = 65543;
    public const int CodecG722 = 69660;
    public const int CodecOpus = 86076;
    public const int CodecAac = 86018;
    public const int PixelYuv420 = 0;
    public const int SampleS16 = 1;
    public const int SampleFloat = 3;
    public const int SampleS16Planar = 6;
    public const int SampleFloatPlanar = 8;
    public const int PacketKey = 1;
    public const int PaddingSize = 64;
    public const int OptionSearchChildren = 1;
    public const int DictionaryIgnoreSuffix = 2;
    public const int IoWrite = 2;
    public const int LogQuiet = -8;
    public const int SideDataDisplayMatrix = 5;
    public const int BufferSourceKeepReference = 8;
    public const int PictureTypeIntra = 1;
    public const int ErrorAgain = -11;
    public const int ErrorEndOfFile = -541478725;
    public const long NoTimestamp = long.MinValue;
}
