using Sfu.Media.Jitter;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Congestion;

/// <summary>Remembers when the packets of one transport arrived, for transport-cc feedback to their sender
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01).</summary>
/// <remarks>Owned by one media worker; told the time. Feedback is due <see cref="Interval"/> after the first packet that waits for it,
/// <see cref="LongInterval"/> after it while fewer than <see cref="Some"/> numbers wait, and at once when <see cref="MaxWaiting"/> do. A packet
/// that comes after its number was reported missing moves the next feedback back to it (libwebrtc remote_estimator_proxy.cc does the same),
/// so that the sender learns that it was late, not lost.</remarks>
public sealed class TransportCcRecorder
{
    /// <summary>From the first waiting packet to its feedback (mediasoup and libwebrtc send every 50 to 250 ms).</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>The same for a sender of few packets, one of sound alone: feedback for each five of them would be a fifth of its packets
    /// (libwebrtc keeps feedback at a twentieth of the rate, and to these 250 ms).</summary>
    public static readonly TimeSpan LongInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>So many numbers, missing ones included, do not wait for the long interval.</summary>
    public const int Some = 16;

    /// <summary>Numbers that wait at most: their feedback fits into one datagram.</summary>
    public const int MaxWaiting = 256;

    private const int Size = 1024;
    private const long NanosecondsPerTick = 250_000;

    private long[]? _arrivals;                         // each value twice, Size apart, so that every window is contiguous
    private SequenceUnwrapper _unwrapper;
    private long _base;                                // first number the next feedback covers
    private long _highest;
    private byte _feedbackCount;
    private MediaTime _waitsSince;

    /// <summary>When feedback is due; <see cref="MediaTime.Never"/> while nothing waits.</summary>
    public MediaTime NextDeadline { get; private set; } = MediaTime.Never;

    /// <summary>Notes a packet that passed SRTP.</summary>
    /// <param name="now">When it arrived.</param>
    /// <param name="number">Its transport-wide sequence number.</param>
    public void OnPacket(MediaTime now, SequenceNumber number)
    {
        bool isFirst = !_unwrapper.Started;
        long sequence = _unwrapper.Unwrap(number);
        if (isFirst) Start(sequence);
        else if (sequence > _highest) Advance(sequence);
        else if (_highest - sequence >= Size || _arrivals![Slot(sequence)] != TransportCcWriter.NotReceived) return;
        else _base = Math.Min(_base, sequence);
        Set(sequence, now.Nanoseconds / NanosecondsPerTick);
        if (NextDeadline.IsNever) Plan(now, LongInterval);
        if (_highest - _base >= Some - 1) NextDeadline = MediaTime.Min(NextDeadline, _waitsSince + Interval);
        if (_highest - _base >= MaxWaiting) NextDeadline = MediaTime.Min(NextDeadline, now);
    }

    /// <summary>Gives what the next feedback is to say, for <see cref="RtcpWriter.WriteTransportCc"/>. Call <see cref="Commit"/> afterwards, and ask again: there may be more.</summary>
    /// <param name="now">The time.</param>
    /// <param name="baseSequence">Number of the first entry.</param>
    /// <param name="arrivals">Arrivals in ticks of 250 us on the worker's clock, or <see cref="TransportCcWriter.NotReceived"/>; the
    /// last one was received. Valid until the next call.</param>
    /// <param name="feedbackCount">Number of this feedback, modulo 256.</param>
    /// <returns>False when no feedback is due.</returns>
    public bool TryBegin(MediaTime now, out SequenceNumber baseSequence, out ReadOnlySpan<long> arrivals, out byte feedbackCount)
    {
        baseSequence = default;
        arrivals = default;
        feedbackCount = _feedbackCount;
        if (now < NextDeadline) return false;
        baseSequence = new SequenceNumber((ushort)_base);
        arrivals = _arrivals.AsSpan(Slot(_base), (int)(_highest - _base + 1));
        return true;
    }

    /// <summary>Says how much of it was sent.</summary>
    /// <param name="now">The time.</param>
    /// <param name="taken">Entries from the first that are in the feedback; with 0 it is tried again after <see cref="Interval"/>.</param>
    public void Commit(MediaTime now, int taken)
    {
        _base += taken;
        if (taken > 0) _feedbackCount++;
        if (_base > _highest) NextDeadline = MediaTime.Never;
        else if (taken == 0) Plan(now, Interval);
    }

    private void Plan(MediaTime now, TimeSpan interval)
    {
        _waitsSince = now;
        NextDeadline = now + interval;
    }

    private void Start(long sequence)
    {
        _arrivals = GC.AllocateUninitializedArray<long>(2 * Size); // once per transport, with its first packet
        Array.Fill(_arrivals, TransportCcWriter.NotReceived);
        _base = _highest = sequence;
    }

    private void Advance(long sequence)
    {
        if (sequence - _highest >= Size) Array.Fill(_arrivals!, TransportCcWriter.NotReceived);
        else
            for (long missing = _highest + 1; missing < sequence; missing++) Set(missing, TransportCcWriter.NotReceived);
        _highest = sequence;
        _base = Math.Max(_base, sequence - Size + 1);
    }

    private void Set(long sequence, long arrival)
    {
        int slot = Slot(sequence);
        _arrivals![slot] = _arrivals[slot + Size] = arrival;
    }

    private static int Slot(long sequence) => (int)(sequence & (Size - 1));
}
