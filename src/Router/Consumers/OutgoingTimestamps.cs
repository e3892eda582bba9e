using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Producers;

namespace Sfu.Router.Consumers;

/// <summary>Time stamps of one outgoing stream: when the source changes they go on by the time that passed.</summary>
/// <remarks>Owned by one consumer, in its <see cref="ConsumerLane"/>. Simulcast encodings have unrelated time stamps; the sender's reports
/// relate them exactly. Where a report is missing, or says something that cannot be, the time of arrival stands in.</remarks>
internal struct OutgoingTimestamps
{
    private const long MaxDisagreement = 1_000_000_000;    // ns between what reports and arrivals say
    private const int MinStepsPerSecond = 100;             // frames of two sources are at least 10 ms apart

    private MediaTime _newestAt;
    private RtpTimestamp _newest;                          // the first one, before anything was sent
    private uint _offset;
    private bool _hasSent;

    /// <summary>Makes the time stamps of a stream that has sent nothing.</summary>
    /// <param name="first">Time stamp of the first packet.</param>
    internal OutgoingTimestamps(uint first) => _newest = new RtpTimestamp(first);

    /// <summary>The outgoing time stamp for one of the source.</summary>
    internal readonly RtpTimestamp Outgoing(RtpTimestamp source) => new(unchecked(source.Value + _offset));

    /// <summary>Begins a source with its first packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="former">The source before, or null.</param>
    /// <param name="senderOffset">Brings the sender's clock to ours.</param>
    internal void Start(in IncomingPacket packet, RtpStream? former, long senderOffset)
    {
        RtpTimestamp next = _hasSent ? Next(packet, former, senderOffset) : _newest;
        _offset = unchecked(next.Value - packet.Header.Timestamp.Value);
    }

    /// <summary>Notes what was sent.</summary>
    internal void OnSent(MediaTime now, RtpTimestamp outgoing)
    {
        if (_hasSent && outgoing.DistanceFrom(_newest) <= 0) return;
        _hasSent = true;
        _newestAt = now;
        _newest = outgoing;
    }

    private readonly RtpTimestamp Next(in IncomingPacket packet, RtpStream? former, long senderOffset)
    {
        StreamClock clock = packet.Stream.Clock;
        int rate = clock.ClockRate;
        long elapsed = packet.ReceivedAt.Nanoseconds - _newestAt.Nanoseconds;
        RtpTimestamp next = Later(elapsed, rate);
        if (former is { Clock.HasReport: true } && clock.HasReport && former.Clock.ClockRate == rate)
        {
            RtpTimestamp reported = Outgoing(former.Clock.At(clock.ToTime(packet.Header.Timestamp, senderOffset), senderOffset));
            if (Math.Abs((long)reported.DistanceFrom(next)) * 1_000_000_000 / rate <= MaxDisagreement) next = reported;
        }

        int step = rate / MinStepsPerSecond;
        return next.DistanceFrom(_newest) < step ? _newest.Add(step) : next;
    }

    private readonly RtpTimestamp Later(long nanoseconds, int rate)
    {
        long seconds = Math.DivRem(nanoseconds, 1_000_000_000, out long rest);
        return new RtpTimestamp(unchecked(_newest.Value + (uint)(seconds * rate + rest * rate / 1_000_000_000)));
    }
}
