using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Pipes;

namespace Sfu.Router.Producers;

/// <summary>Whether a stream lives, how many frames a second each temporal layer brings, and how large its pictures are.</summary>
/// <remarks>Owned by one RtpStream; told the time. Frames are told apart by time stamp.</remarks>
/// <param name="now">When its first packet came.</param>
internal sealed class StreamActivity(MediaTime now)
{
    private const int Layers = 8;
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(1);

    private readonly int[] _frames = new int[Layers];
    private readonly double[] _rates = new double[Layers];
    private MediaTime _measuredFrom = now;
    private RtpTimestamp _newest;
    private int _bytes;

    /// <summary>When the last packet came.</summary>
    internal MediaTime LastPacketAt { get; private set; } = now;

    /// <summary>Frames since the start.</summary>
    internal long FrameCount { get; private set; }

    /// <summary>Bits per second in the last measured second.</summary>
    internal Bitrate Bitrate { get; private set; }

    /// <summary>Highest temporal layer seen in the last two measured seconds.</summary>
    internal int HighestTemporalLayer { get; private set; }

    /// <summary>Picture size of the last key frame that told it, else 0.</summary>
    internal int Width { get; private set; }

    /// <inheritdoc cref="Width"/>
    internal int Height { get; private set; }

    /// <summary>Frames per second of a temporal layer and those below it; 0 when not measured yet.</summary>
    internal double FramesPerSecond(int temporalLayer)
    {
        double sum = 0;
        for (int layer = 0; layer <= temporalLayer && layer < Layers; layer++) sum += _rates[layer];
        return sum;
    }

    /// <summary>Takes a packet.</summary>
    internal void OnPacket(MediaTime now, int bytes, RtpTimestamp timestamp, in PayloadInfo info)
    {
        if (FrameCount == 0 || timestamp.DistanceFrom(_newest) > 0)
        {
            _newest = timestamp;
            _frames[info.TemporalLayer & (Layers - 1)]++;
            FrameCount++;
        }

        if (info.Width > 0)
        {
            Width = info.Width;
            Height = info.Height;
        }

        if (info.TemporalLayer > HighestTemporalLayer) HighestTemporalLayer = info.TemporalLayer;
        LastPacketAt = now;
        _bytes += bytes;
    }

    /// <summary>What is known, for another worker.</summary>
    internal ActivityState State
    {
        get
        {
            var state = new ActivityState
            {
                LastPacketAt = LastPacketAt.Nanoseconds,
                BitsPerSecond = Bitrate.BitsPerSecond,
                Width = Width,
                Height = Height,
                HighestTemporalLayer = HighestTemporalLayer,
            };
            for (int layer = 0; layer < Layers; layer++) state.Rates[layer] = _rates[layer];
            return state;
        }
    }

    /// <summary>Takes over what was measured where the stream comes in.</summary>
    internal void Mirror(in ActivityState state)
    {
        LastPacketAt = new MediaTime(state.LastPacketAt);
        Bitrate = new Bitrate(state.BitsPerSecond);
        (Width, Height, HighestTemporalLayer) = (state.Width, state.Height, state.HighestTemporalLayer);
        for (int layer = 0; layer < Layers; layer++) _rates[layer] = state.Rates[layer];
    }

    /// <summary>Ends a measured second when it is over; called a few times a second.</summary>
    internal void Measure(MediaTime now)
    {
        if (now - _measuredFrom < Measured) return;
        double seconds = (now - _measuredFrom).TotalSeconds;
        int highest = 0;
        for (int layer = 0; layer < Layers; layer++)
        {
            if (_frames[layer] > 0 || _rates[layer] > 0) highest = layer;
            _rates[layer] = _frames[layer] / seconds;
            _frames[layer] = 0;
        }

        HighestTemporalLayer = highest;
        Bitrate = new Bitrate((long)(_bytes * 8L / seconds));
        _bytes = 0;
        _measuredFrom = now;
    }
}
