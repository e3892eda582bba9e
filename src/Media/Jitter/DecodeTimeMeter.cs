using Sfu.Media.Time;

namespace Sfu.Media.Jitter;

/// <summary>The time within which 95 of 100 frames were decoded, over the last 10 s (libwebrtc decode_time_percentile_filter.cc); the first
/// five frames do not count, decoders start slowly.</summary>
public sealed class DecodeTimeMeter
{
    private const int Skipped = 5;
    private const int Buckets = 512;                   // one for each millisecond; the last for all above
    private const int MaxSamples = 1200;               // 10 s at 120 frames a second
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private readonly int[] _counts = new int[Buckets];
    private readonly (MediaTime At, short Bucket)[] _samples = new (MediaTime, short)[MaxSamples];
    private int _first;
    private int _count;
    private int _skipped;

    /// <summary>Takes one frame.</summary>
    public void Add(TimeSpan decodeTime, MediaTime now)
    {
        if (_skipped < Skipped)
        {
            _skipped++;
            return;
        }
        while (_count > 0 && (_count == MaxSamples || now - _samples[_first].At > Window))
        {
            _counts[_samples[_first].Bucket]--;
            _first = (_first + 1) % MaxSamples;
            _count--;
        }
        short bucket = (short)Math.Clamp((int)Math.Ceiling(decodeTime.TotalMilliseconds), 0, Buckets - 1);
        _samples[(_first + _count++) % MaxSamples] = (now, bucket);
        _counts[bucket]++;
    }

    /// <summary>The time; zero before enough frames were decoded.</summary>
    public TimeSpan Percentile95
    {
        get
        {
            int needed = (_count * 95 + 99) / 100, seen = 0;
            if (needed == 0) return TimeSpan.Zero;
            for (int i = 0; i < Buckets; i++)
                if ((seen += _counts[i]) >= needed) return TimeSpan.FromMilliseconds(i);
            return TimeSpan.FromMilliseconds(Buckets - 1);
        }
    }
}
