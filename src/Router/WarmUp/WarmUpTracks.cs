using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.WarmUp;

/// <summary>What the negotiation of a <see cref="WarmUpCall"/> would have said: one camera, one microphone, one video codec.</summary>
internal static class WarmUpTracks
{
    /// <summary>Payload types of the publisher.</summary>
    internal const byte Opus = 111, Video = 96, VideoRtx = 97;

    /// <summary>Header extension ids of the publisher.</summary>
    internal const byte LevelId = 1, TransportCcId = 3, MidId = 4;

    private const byte ViewerVideoType = 100, ViewerRtxType = 101, ViewerOpusType = 109;
    private const CodecFeedback VideoFeedback = CodecFeedback.Nack | CodecFeedback.Pli | CodecFeedback.Fir | CodecFeedback.TransportCc;

    private static readonly HeaderExtensionMap Incoming = new(new Dictionary<byte, HeaderExtensionKind>
    {
        [LevelId] = HeaderExtensionKind.AudioLevel,
        [TransportCcId] = HeaderExtensionKind.TransportCc,
        [MidId] = HeaderExtensionKind.Mid,
    });

    private static readonly HeaderExtensionMap Outgoing = new(new Dictionary<byte, HeaderExtensionKind>
    {
        [5] = HeaderExtensionKind.Mid,
        [6] = HeaderExtensionKind.AudioLevel,
        [7] = HeaderExtensionKind.TransportCc,
        [9] = HeaderExtensionKind.AbsSendTime,
    });

    /// <summary>Streams of the publisher.</summary>
    internal static Ssrc SenderVideo { get; } = new(0x1111);

    /// <inheritdoc cref="SenderVideo"/>
    internal static Ssrc SenderRtx { get; } = new(0x1112);

    /// <inheritdoc cref="SenderVideo"/>
    internal static Ssrc SenderAudio { get; } = new(0x2222);

    /// <summary>Streams that each viewer gets.</summary>
    internal static Ssrc ViewerVideo { get; } = new(0x9001);

    /// <inheritdoc cref="ViewerVideo"/>
    internal static Ssrc ViewerAudio { get; } = new(0x9003);

    /// <summary>The camera.</summary>
    internal static ProducerParameters Camera(MediaCodec codec) => new(
        MediaKind.Video, "v", [new CodecFormat(codec, Video, 90_000, 0, "", VideoRtx, VideoFeedback)], Incoming,
        [new EncodingParameters(null, null, null)]);

    /// <summary>The microphone.</summary>
    internal static ProducerParameters Microphone() => new(
        MediaKind.Audio, "a", [new CodecFormat(MediaCodec.Opus, Opus, 48_000, 2, "", null, CodecFeedback.Nack | CodecFeedback.TransportCc)], Incoming,
        [new EncodingParameters(null, null, null)]);

    /// <summary>The camera as a viewer gets it.</summary>
    internal static ConsumerParameters Picture(MediaCodec codec) => new(
        "7", ViewerVideo, new Ssrc(ViewerVideo.Value + 1),
        [new ConsumerCodec(Video, new CodecFormat(codec, ViewerVideoType, 90_000, 0, "", ViewerRtxType, VideoFeedback))], Outgoing);

    /// <summary>The microphone as a viewer gets it.</summary>
    internal static ConsumerParameters Sound() => new(
        "8", ViewerAudio, null,
        [new ConsumerCodec(Opus, new CodecFormat(MediaCodec.Opus, ViewerOpusType, 48_000, 2, "", null, CodecFeedback.Nack | CodecFeedback.TransportCc))],
        Outgoing);
}
