using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Recorder.Timeline;

/// <summary>Maps the RTP time stamps of one SSRC to the server's monotonic clock, as a fit over the whole recording knows it.</summary>
/// <remarks>Immutable. Made by <see cref="ClockFit"/>.</remarks>
public sealed class StreamClock
{
    private const double Ambiguous = 200e6;            // two stretches that differ by more than a step were told apart for it
    private readonly Epoch[] _epochs;

    internal StreamClock(Epoch[] epochs, ClockFitQuality quality)
    {
        _epochs = epochs;
        Quality = quality;
    }

    /// <summary>How well the clock is known.</summary>
    public ClockFitQuality Quality { get; }

    /// <summary>When what a packet carries was captured, as if the network took its least time.</summary>
    /// <param name="timestamp">Its RTP time stamp.</param>
    /// <param name="receivedAt">When it came: tells which of several stretches of the sender's clock it belongs to.</param>
    public MediaTime ToServerTime(RtpTimestamp timestamp, MediaTime receivedAt)
    {
        double arrival = receivedAt.Nanoseconds;
        int at = _epochs.Length - 1;
        while (at > 0 && arrival < _epochs[at].FirstArrival) at--;
        double mapped = Map(_epochs[at], timestamp, arrival);
        // Between the last report before a step and the first one behind it, the packet's own arrival decides.
        if (at + 1 < _epochs.Length && arrival > _epochs[at].LastArrival)
        {
            double other = Map(_epochs[at + 1], timestamp, arrival);
            if (Math.Abs(arrival - other) + Ambiguous / 2 < Math.Abs(arrival - mapped)) mapped = other;
        }
        return new MediaTime((long)Math.Round(mapped));
    }

    private static double Map(Epoch epoch, RtpTimestamp timestamp, double arrival)
    {
        long rtp = StreamObservations.Nearest(timestamp.Value, epoch.ExpectedRtp(arrival));
        double sent = epoch.Sender.At(rtp);
        return sent + epoch.Delay.At(sent);
    }

    /// <summary>A stretch without a step.</summary>
    /// <param name="FirstArrival">When its first report came.</param>
    /// <param name="LastArrival">When its last report came.</param>
    /// <param name="AnchorRtp">A 64-bit RTP time stamp in it.</param>
    /// <param name="AnchorArrival">When about it came.</param>
    /// <param name="TicksPerNanosecond">Nominal clock.</param>
    /// <param name="Sender">RTP time stamp to the sender's clock, in nanoseconds.</param>
    /// <param name="Delay">What to add to the sender's clock to get the server's.</param>
    internal sealed record Epoch(
        double FirstArrival, double LastArrival, double AnchorRtp, double AnchorArrival, double TicksPerNanosecond, PiecewiseLine Sender, PiecewiseLine Delay)
    {
        internal double ExpectedRtp(double arrival) => AnchorRtp + (arrival - AnchorArrival) * TicksPerNanosecond;
    }
}
