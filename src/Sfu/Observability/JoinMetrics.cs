using Prometheus;
using Sfu.Media.Rtp;

namespace Sfu.Observability;

/// <summary>How long joins take, from the client's point of view. Safe on any thread; not for the packet path.</summary>
public sealed class JoinMetrics
{
    private static readonly double[] Seconds = [.05, .1, .25, .5, 1, 2.5, 5, 10, 30];

    private readonly Histogram _duration;
    private readonly Histogram.Child[] _firstMedia;

    /// <summary>Declares the families.</summary>
    public JoinMetrics(IMetricFactory metrics)
    {
        _duration = metrics.CreateHistogram(
            "sfu_join_duration_seconds",
            "Time from a participant's join request to its media connection (ICE and DTLS done).",
            new HistogramConfiguration { Buckets = Seconds });
        Histogram first = metrics.CreateHistogram(
            "sfu_first_frame_seconds",
            "Time from a participant's join request, or from when a track is there for it if that is later, to the first media sent to it, by kind.",
            ["kind"],
            new HistogramConfiguration { Buckets = Seconds });
        _firstMedia = LabelValues.Children<MediaKind, Histogram.Child>(value => first.WithLabels(value));
    }

    /// <summary>A participant's media connection stands; to be told once per join.</summary>
    /// <param name="sinceRequest">Time since its join request arrived.</param>
    public void Connected(TimeSpan sinceRequest) => _duration.Observe(sinceRequest.TotalSeconds);

    /// <summary>The first media of a kind was sent to a participant; to be told once per join and kind.</summary>
    /// <param name="kind">Audio or video.</param>
    /// <param name="sinceRequest">Time since its join request arrived.</param>
    /// <param name="sinceTrack">Time since the track was there for it; the later of the two counts, because who is alone waits for nothing.</param>
    public void FirstMedia(MediaKind kind, TimeSpan sinceRequest, TimeSpan sinceTrack) =>
        _firstMedia[(int)kind].Observe(Math.Min(sinceRequest.TotalSeconds, sinceTrack.TotalSeconds));
}
