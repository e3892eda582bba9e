using Sfu.Media.Codecs;
using Sfu.Media.Time;
using Sfu.Router.Overload;
using Sfu.Router.Producers;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Layers;

/// <summary>Which encoding and temporal layer of a producer one viewer shall get, and which frames belong to it.</summary>
/// <remarks>Owned by one consumer; told the time. It aims; the consumer reaches the aim at the next key frame of the target encoding.</remarks>
internal sealed class LayerSelector
{
    // An encoding that is silent this long, while others bring frames, counts as gone: senders stop their top layers without a word.
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromMilliseconds(600);
    private const int FramesOfOthers = 5;
    private const double SizeTolerance = 0.9;
    private const double RateTolerance = 1.2;

    /// <summary>What the viewer wants.</summary>
    internal ViewerWish Wish { get; set; } = ViewerWish.Everything;

    /// <summary>What its link carries.</summary>
    internal LayerCap Cap { get; set; } = LayerCap.None;

    /// <summary>What our worker, when it is late, leaves of it.</summary>
    internal ShedLimit Shed { get; set; }

    /// <summary>Nothing of it is sent for now: its link or our worker carries none.</summary>
    internal bool IsOff => Cap.Encoding < 0 || Shed.IsOff;

    /// <summary>The encoding to be sent, or -1 for none.</summary>
    internal int Target { get; private set; } = -1;

    /// <summary>Highest temporal layer to be sent.</summary>
    internal int TargetTemporal { get; private set; } = int.MaxValue;

    /// <summary>Highest temporal layer that is sent.</summary>
    internal int CurrentTemporal { get; private set; } = int.MaxValue;

    /// <summary>What is sent is what is aimed at, as far as temporal layers go.</summary>
    internal bool IsReached => CurrentTemporal == TargetTemporal;

    /// <summary>Why it is not more.</summary>
    internal ConsumerLayerReason Reason { get; private set; } = ConsumerLayerReason.Preference;

    /// <summary>Aims anew: after a wish, a cap, a new stream, and a few times a second.</summary>
    internal void Choose(Producer producer, MediaTime now)
    {
        ReadOnlySpan<RtpStream?> streams = producer.Streams;
        int preferred = Preferred(producer, streams);
        int carried = Math.Min(preferred, Cap.Encoding);
        int limited = Math.Min(carried, Shed.Encoding(streams.Length));
        Target = limited < 0 ? -1 : Available(streams, limited, now);
        RtpStream? target = Target < 0 ? null : streams[Target];
        int temporal = Math.Min(PreferredTemporal(target), Cap.TemporalLayer);
        int highest = target?.Activity.HighestTemporalLayer ?? 0;
        TargetTemporal = Math.Min(temporal, Shed.TemporalLayer(highest));
        Reason = limited < 0 ? carried < 0 ? ConsumerLayerReason.Bandwidth : ConsumerLayerReason.Overload
            : Target < limited ? ConsumerLayerReason.Availability
            : limited < carried || TargetTemporal < Math.Min(temporal, highest) ? ConsumerLayerReason.Overload
            : limited < preferred ? ConsumerLayerReason.Bandwidth
            : ConsumerLayerReason.Preference;
    }

    /// <summary>The target encoding was reached with a key frame: every temporal layer up to the target may follow.</summary>
    internal void OnStart() => CurrentTemporal = TargetTemporal;

    /// <summary>Says whether a packet's temporal layer is to be sent; a change takes effect with the first packet of a frame.</summary>
    /// <param name="info">What the payload says.</param>
    /// <param name="isNewFrame">No packet of its frame was seen before.</param>
    internal bool Takes(in PayloadInfo info, bool isNewFrame)
    {
        if (isNewFrame && CurrentTemporal != TargetTemporal)
        {
            if (TargetTemporal < CurrentTemporal || info.IsKeyFrame) CurrentTemporal = TargetTemporal;
            else if (info.TemporalLayer == CurrentTemporal + 1 && info.IsSwitchingPoint) CurrentTemporal++;
        }

        return info.TemporalLayer <= CurrentTemporal;
    }

    /// <summary>True when a stream brings frames, as far as its silence tells.</summary>
    internal static bool IsAlive(ReadOnlySpan<RtpStream?> streams, int encoding, MediaTime now)
    {
        if (streams[encoding] is not { } stream) return false;
        TimeSpan silence = now - stream.Activity.LastPacketAt;
        if (silence < SilenceLimit) return true;
        foreach (RtpStream? other in streams)
        {
            if (other is null || other == stream || now - other.Activity.LastPacketAt >= SilenceLimit) continue;
            if (other.Activity.FramesPerSecond(int.MaxValue) * silence.TotalSeconds >= FramesOfOthers) return false;
        }

        return true;                                       // all are silent: nothing to fall back to
    }

    /// <summary>The lowest encoding that is as large as the viewer can use; the highest when none is known to be.</summary>
    private int Preferred(Producer producer, ReadOnlySpan<RtpStream?> streams)
    {
        int highest = streams.Length - 1;
        if (Wish.MaxWidth == 0 && Wish.MaxHeight == 0) return highest;
        for (int i = 0; i < highest; i++)
        {
            int width = streams[i] is { Activity.Width: > 0 } known ? known.Activity.Width : producer.Parameters.Encodings[i].MaxWidth;
            int height = streams[i] is { Activity.Height: > 0 } tall ? tall.Activity.Height : producer.Parameters.Encodings[i].MaxHeight;
            // The picture is shown whole: once one side reaches its limit, more pixels are of no use.
            if (Reaches(width, Wish.MaxWidth) || Reaches(height, Wish.MaxHeight)) return i;
        }

        return highest;
    }

    private static bool Reaches(int pixels, int limit) => limit > 0 && pixels >= limit * SizeTolerance;

    /// <summary>The highest living encoding up to a limit, else the lowest living one above it, else the limit itself.</summary>
    private static int Available(ReadOnlySpan<RtpStream?> streams, int limit, MediaTime now)
    {
        for (int i = Math.Min(limit, streams.Length - 1); i >= 0; i--)
            if (IsAlive(streams, i, now)) return i;
        for (int i = limit + 1; i < streams.Length; i++)
            if (IsAlive(streams, i, now)) return i;
        return limit;
    }

    private int PreferredTemporal(RtpStream? stream)
    {
        if (Wish.MaxFramesPerSecond == 0 || stream is null) return int.MaxValue;
        int highest = stream.Activity.HighestTemporalLayer;
        if (stream.Activity.FramesPerSecond(highest) <= Wish.MaxFramesPerSecond * RateTolerance) return int.MaxValue;
        for (int layer = highest - 1; layer > 0; layer--)
            if (stream.Activity.FramesPerSecond(layer) <= Wish.MaxFramesPerSecond * RateTolerance) return layer;
        return 0;
    }
}
