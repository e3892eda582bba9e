using Sfu.Media.Time;

namespace Sfu.Recorder.Timeline;

/// <summary>Maps the server's monotonic clock to UTC by the anchors that the recorder writes (RECORDING.md 5.5).</summary>
/// <remarks>Between two anchors the clock is taken to run evenly. Owned by one reader; not thread-safe.</remarks>
public sealed class ServerUtc
{
    private readonly List<(long Mono, long Utc)> _anchors = [];

    /// <summary>Adds an anchor; they come in the order of time.</summary>
    /// <param name="at">On the monotonic clock.</param>
    /// <param name="unixNanoseconds">The wall clock at that time.</param>
    public void Add(MediaTime at, long unixNanoseconds)
    {
        if (_anchors.Count == 0 || at.Nanoseconds > _anchors[^1].Mono) _anchors.Add((at.Nanoseconds, unixNanoseconds));
    }

    /// <summary>UTC of a time.</summary>
    /// <exception cref="InvalidOperationException">There is no anchor.</exception>
    public DateTimeOffset ToUtc(MediaTime time)
    {
        if (_anchors.Count == 0) throw new InvalidOperationException("There is no anchor.");
        int low = 0, high = _anchors.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_anchors[middle].Mono <= time.Nanoseconds) low = middle;
            else high = middle - 1;
        }
        (long mono, long utc) = _anchors[low];
        double rate = low + 1 < _anchors.Count ? (double)(_anchors[low + 1].Utc - utc) / (_anchors[low + 1].Mono - mono) : 1;
        long unix = utc + (time.Nanoseconds < mono ? time.Nanoseconds - mono : (long)((time.Nanoseconds - mono) * rate));
        return DateTimeOffset.UnixEpoch.AddTicks(unix / 100);
    }
}
