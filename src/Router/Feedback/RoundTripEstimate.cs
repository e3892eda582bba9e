using Sfu.Media.Rtcp;
using Sfu.Media.Time;

namespace Sfu.Router.Feedback;

/// <summary>Smoothed round trip of one transport, from what its receiver reports say of our sender reports (RFC 3550 section 6.4.1).</summary>
/// <remarks>Owned by one transport. The client can lie about it; it hurts only itself.</remarks>
internal sealed class RoundTripEstimate
{
    private const uint Longest = 10 << 16;                 // 10 s in 1/65,536 s; more is a lie or another clock
    private const int Imprecision = 655;                   // 10 ms: clients read their clocks at various places
    private const int Smoothing = 8;

    private static readonly TimeSpan Guess = TimeSpan.FromMilliseconds(100);

    /// <summary>The round trip; zero when unknown.</summary>
    internal TimeSpan Value { get; private set; }

    /// <summary>The round trip, or 100 ms while it is unknown (libwebrtc's default).</summary>
    internal TimeSpan OrGuess => Value > TimeSpan.Zero ? Value : Guess;

    /// <summary>Takes a report block.</summary>
    /// <param name="ntp">Our wall clock when it arrived.</param>
    /// <param name="block">What it says.</param>
    internal void OnReport(NtpTime ntp, in ReportBlock block)
    {
        if (block.LastSenderReport == 0) return;
        uint elapsed = unchecked(ntp.Middle32 - block.LastSenderReport - block.DelaySinceLastSenderReport);
        if ((int)elapsed is < 0 and > -Imprecision) elapsed = 0;
        if (elapsed > Longest) return;                     // also what is negative
        TimeSpan sample = TimeSpan.FromTicks(Math.Max(1, elapsed * TimeSpan.TicksPerSecond / 65_536));
        Value = Value == TimeSpan.Zero ? sample : Value + (sample - Value) / Smoothing;
    }
}
