using Sfu.Media.Codecs;
using Sfu.Recorder.Native;

namespace Sfu.Recorder.Derivation;

/// <summary>FFmpeg's numbers and names of the codecs that the server routes.</summary>
internal static class AvCodecNames
{
    /// <summary>Its AVCodecID.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Nothing that can be stored on its own.</exception>
    internal static int Id(MediaCodec codec) => codec switch
    {
        MediaCodec.Opus => AvLayout.CodecOpus,
        MediaCodec.G722 => AvLayout.CodecG722,
        MediaCodec.Pcmu => AvLayout.CodecPcmMulaw,
        MediaCodec.Pcma => AvLayout.CodecPcmAlaw,
        MediaCodec.Vp8 => AvLayout.CodecVp8,
        MediaCodec.Vp9 => AvLayout.CodecVp9,
        MediaCodec.H264 => AvLayout.CodecH264,
        MediaCodec.H265 => AvLayout.CodecH265,
        MediaCodec.Av1 => AvLayout.CodecAv1,
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "not a codec of sound or pictures"),
    };

    /// <summary>The decoder to use.</summary>
    internal static string Decoder(MediaCodec codec) => codec switch
    {
        MediaCodec.Opus => "libopus",
        MediaCodec.G722 => "g722",
        MediaCodec.Pcmu => "pcm_mulaw",
        MediaCodec.Pcma => "pcm_alaw",
        MediaCodec.Vp8 => "vp8",
        MediaCodec.Vp9 => "vp9",
        MediaCodec.H264 => "h264",
        MediaCodec.H265 => "hevc",
        MediaCodec.Av1 => "libdav1d",
        _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "not a codec of sound or pictures"),
    };

    /// <summary>Samples per second of an audio codec when decoded.</summary>
    internal static int SampleRate(MediaCodec codec) => codec switch { MediaCodec.Opus => 48_000, MediaCodec.G722 => 16_000, _ => 8_000 };

    /// <summary>The identification header of Opus in containers (RFC 7845 section 5.1), empty for other codecs. Pre-skip is 0: a recording
    /// begins somewhere in a stream, not at an encoder's start.</summary>
    internal static byte[] AudioHeader(MediaCodec codec, int channels) => codec != MediaCodec.Opus ? [] :
        [.. "OpusHead"u8, 1, (byte)channels, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0];
}
