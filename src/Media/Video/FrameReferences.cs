using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;

namespace Sfu.Media.Video;

/// <summary>Which frames can be decoded where dependency descriptors say what each needs.</summary>
internal sealed class FrameReferences
{
    private const int History = 4096;                  // custom_fdiff goes 4,096 frames back at most
    private readonly long[] _decodable = Nothing();    // frame number, where the frame of that number is decodable
    private SequenceUnwrapper _numbers;

    /// <summary>The lowest layer needs a key frame.</summary>
    public bool NeedsKeyFrame { get; private set; } = true;

    /// <summary>Takes the next frame.</summary>
    /// <returns>True when it is decodable.</returns>
    public bool Accept(DependencyDescriptor frame)
    {
        long number = _numbers.Unwrap(new SequenceNumber(frame.FrameNumber));
        bool isDecodable = frame.IsKnown;
        foreach (int difference in frame.Differences)
            isDecodable &= _decodable[number - difference & History - 1] == number - difference;
        _decodable[number & History - 1] = isDecodable ? number : long.MinValue;
        if (!frame.IsKnown || frame.SpatialLayer == 0 && frame.TemporalLayer == 0) NeedsKeyFrame = !isDecodable;
        return isDecodable;
    }

    private static long[] Nothing()
    {
        var none = new long[History];
        Array.Fill(none, long.MinValue);
        return none;
    }
}
