using Sfu.Media.Codecs;
using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>What the server is willing to negotiate: its policy, not what a client can do. Immutable.</summary>
public sealed record ServerCapabilities
{
    private const CodecFeedback VideoFeedback =
        CodecFeedback.Nack | CodecFeedback.Pli | CodecFeedback.Fir | CodecFeedback.TransportCc | CodecFeedback.Remb;

    // Chromium offers no audio NACK by itself, but takes it when an application adds it to the offer.
    private const CodecFeedback AudioFeedback = CodecFeedback.Nack | CodecFeedback.TransportCc;

    /// <summary>Codecs in the server's order. Between codecs the client's order decides for video and this order for audio; between
    /// profiles of one codec this order decides.</summary>
    public required IReadOnlyList<CodecCapability> Codecs { get; init; }

    /// <summary>Header extensions accepted for audio.</summary>
    public required IReadOnlyList<HeaderExtensionKind> AudioExtensions { get; init; }

    /// <summary>Header extensions accepted for video.</summary>
    public required IReadOnlyList<HeaderExtensionKind> VideoExtensions { get; init; }

    /// <summary>Most simulcast encodings accepted of one track; 1 to 3, default 3.</summary>
    public int MaxEncodings { get; init; } = 3;

    /// <summary>Everything the server can route. H.264 constrained baseline comes first because most viewers decode it.</summary>
    public static ServerCapabilities Default { get; } = new()
    {
        Codecs =
        [
            new(MediaCodec.Opus, "minptime=10;useinbandfec=1", AudioFeedback),
            new(MediaCodec.Red, "", AudioFeedback),
            new(MediaCodec.G722, "", AudioFeedback),
            new(MediaCodec.Pcmu, "", AudioFeedback),
            new(MediaCodec.Pcma, "", AudioFeedback),
            new(MediaCodec.TelephoneEvent, "", CodecFeedback.None),
            new(MediaCodec.Vp8, "", VideoFeedback),
            new(MediaCodec.Vp9, "profile-id=0", VideoFeedback),
            new(MediaCodec.Vp9, "profile-id=2", VideoFeedback),
            new(MediaCodec.H264, "packetization-mode=1;profile-level-id=42e01f", VideoFeedback),
            new(MediaCodec.H264, "packetization-mode=1;profile-level-id=42001f", VideoFeedback),
            new(MediaCodec.H264, "packetization-mode=1;profile-level-id=4d001f", VideoFeedback),
            new(MediaCodec.H264, "packetization-mode=1;profile-level-id=640c1f", VideoFeedback),
            new(MediaCodec.H264, "packetization-mode=1;profile-level-id=64001f", VideoFeedback),
            new(MediaCodec.H264, "packetization-mode=0;profile-level-id=42e01f", VideoFeedback),
            new(MediaCodec.H264, "packetization-mode=0;profile-level-id=42001f", VideoFeedback),
            new(MediaCodec.H264, "packetization-mode=0;profile-level-id=4d001f", VideoFeedback),
            new(MediaCodec.H264, "packetization-mode=0;profile-level-id=640c1f", VideoFeedback),
            new(MediaCodec.H264, "packetization-mode=0;profile-level-id=64001f", VideoFeedback),
            new(MediaCodec.Av1, "profile=0", VideoFeedback),
            new(MediaCodec.H265, "profile-id=1", VideoFeedback),
            new(MediaCodec.H265, "profile-id=2", VideoFeedback),
        ],
        AudioExtensions =
        [
            HeaderExtensionKind.Mid, HeaderExtensionKind.AudioLevel, HeaderExtensionKind.TransportCc,
            HeaderExtensionKind.AbsSendTime, HeaderExtensionKind.AbsCaptureTime,
        ],
        VideoExtensions =
        [
            HeaderExtensionKind.Mid, HeaderExtensionKind.Rid, HeaderExtensionKind.RepairedRid, HeaderExtensionKind.TransportCc,
            HeaderExtensionKind.AbsSendTime, HeaderExtensionKind.VideoOrientation, HeaderExtensionKind.AbsCaptureTime,
        ],
    };

    /// <summary>The header extensions accepted for a kind of media.</summary>
    public IReadOnlyList<HeaderExtensionKind> ExtensionsFor(MediaKind kind) => kind == MediaKind.Audio ? AudioExtensions : VideoExtensions;
}
