using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Router.Workers.Commands;

namespace Sfu.Simulation.Clients;

/// <summary>What the clients negotiated: Opus, and VP8 with RTX; payload types and extension ids differ on the two sides.</summary>
internal static class MediaFormats
{
    internal const byte SentOpus = 111, SentVp8 = 96, SentRtx = 97;
    internal const byte ReceivedOpus = 109, ReceivedVp8 = 120, ReceivedRtx = 124;
    internal const byte SentMidId = 4, SentTransportCcId = 3, SentLevelId = 1;
    internal const int AudioClock = 48_000, VideoClock = 90_000;

    private const CodecFeedback VideoFeedback =
        CodecFeedback.Nack | CodecFeedback.Pli | CodecFeedback.Fir | CodecFeedback.TransportCc;

    private static readonly HeaderExtensionMap Sent = new(new Dictionary<byte, HeaderExtensionKind>
    {
        [SentMidId] = HeaderExtensionKind.Mid,
        [SentTransportCcId] = HeaderExtensionKind.TransportCc,
        [SentLevelId] = HeaderExtensionKind.AudioLevel,
    });

    private static readonly HeaderExtensionMap Received = new(new Dictionary<byte, HeaderExtensionKind>
    {
        [3] = HeaderExtensionKind.Mid,
        [7] = HeaderExtensionKind.TransportCc,
        [2] = HeaderExtensionKind.AudioLevel,
    });

    /// <summary>How the server is told of a track.</summary>
    internal static ProducerParameters Producer(MediaKind kind, string mid, Ssrc ssrc, Ssrc? rtx) => new(
        kind, mid,
        kind == MediaKind.Audio
            ? [new CodecFormat(MediaCodec.Opus, SentOpus, AudioClock, 2, "", null, CodecFeedback.TransportCc)]
            : [new CodecFormat(MediaCodec.Vp8, SentVp8, VideoClock, 0, "", SentRtx, VideoFeedback)],
        Sent, [new EncodingParameters(null, ssrc, rtx)]);

    /// <summary>How the server is told of a subscription.</summary>
    internal static ConsumerParameters Consumer(MediaKind kind, string mid, Ssrc ssrc, Ssrc? rtx) => new(
        mid, ssrc, rtx,
        kind == MediaKind.Audio
            ? [new ConsumerCodec(SentOpus, new CodecFormat(MediaCodec.Opus, ReceivedOpus, AudioClock, 2, "", null, CodecFeedback.TransportCc))]
            : [new ConsumerCodec(SentVp8, new CodecFormat(MediaCodec.Vp8, ReceivedVp8, VideoClock, 0, "", ReceivedRtx, VideoFeedback))],
        Received);
}
