using Sfu.Media.Codecs;
using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>Encoding names of rtpmap lines and back.</summary>
public static class CodecNames
{
    /// <summary>The codec an rtpmap means, or null when the server does not route it or the clock or channels do not fit.</summary>
    public static MediaCodec? Recognise(SectionKind kind, in RtpMap map) => kind switch
    {
        SectionKind.Audio => RecogniseAudio(map),
        SectionKind.Video when map.ClockRate == 90_000 => RecogniseVideo(map.Encoding),
        _ => null,
    };

    /// <summary>The encoding name our answers write.</summary>
    public static string NameOf(MediaCodec codec) => codec switch
    {
        MediaCodec.Opus => "opus",
        MediaCodec.Red => "red",
        MediaCodec.G722 => "G722",
        MediaCodec.Pcmu => "PCMU",
        MediaCodec.Pcma => "PCMA",
        MediaCodec.TelephoneEvent => "telephone-event",
        MediaCodec.Vp8 => "VP8",
        MediaCodec.Vp9 => "VP9",
        MediaCodec.H264 => "H264",
        MediaCodec.Av1 => "AV1",
        _ => "H265",
    };

    /// <summary>Whether a codec is one for sound or for pictures.</summary>
    public static MediaKind KindOf(MediaCodec codec) => codec >= MediaCodec.Vp8 ? MediaKind.Video : MediaKind.Audio;

    /// <summary>RED and telephone-event only accompany a codec.</summary>
    public static bool IsAuxiliary(MediaCodec codec) => codec is MediaCodec.Red or MediaCodec.TelephoneEvent;

    /// <summary>Payload types that need no rtpmap (RFC 3551 section 6).</summary>
    public static RtpMap? StaticMap(byte payloadType) => payloadType switch
    {
        0 => new RtpMap(0, "PCMU", 8000, 1),
        8 => new RtpMap(8, "PCMA", 8000, 1),
        9 => new RtpMap(9, "G722", 8000, 1),
        _ => null,
    };

    private static MediaCodec? RecogniseAudio(in RtpMap map) => (map.ClockRate, map.Channels) switch
    {
        (48_000, 2) when Is(map.Encoding, "opus") => MediaCodec.Opus,
        (48_000, 2) when Is(map.Encoding, "red") => MediaCodec.Red,
        (8_000, 1) when Is(map.Encoding, "G722") => MediaCodec.G722,
        (8_000, 1) when Is(map.Encoding, "PCMU") => MediaCodec.Pcmu,
        (8_000, 1) when Is(map.Encoding, "PCMA") => MediaCodec.Pcma,
        (_, 1) when Is(map.Encoding, "telephone-event") => MediaCodec.TelephoneEvent,
        _ => null,
    };

    private static MediaCodec? RecogniseVideo(string encoding) =>
        Is(encoding, "VP8") ? MediaCodec.Vp8
        : Is(encoding, "VP9") ? MediaCodec.Vp9
        : Is(encoding, "H264") ? MediaCodec.H264
        : Is(encoding, "AV1") ? MediaCodec.Av1
        : Is(encoding, "H265") ? MediaCodec.H265
        : null;

    private static bool Is(string encoding, string name) => encoding.Equals(name, StringComparison.OrdinalIgnoreCase);
}
