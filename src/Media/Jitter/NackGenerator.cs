using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Jitter;

/// <summary>Finds the packets of one incoming stream that are missing and says when to ask for them (RFC 4585 section 6.2.1).</summary>
/// <remarks>Owned by one media worker; told the time; no allocation after construction. Bounded: only the newest
/// <see cref="Window"/> numbers are looked after, each is asked for a limited number of times, and what is given up on makes
/// <see cref="TakeGivenUp"/> true once: then video needs a key frame.</remarks>
/// <param name="limits">How often and for how long.</param>
public sealed class NackGenerator(NackLimits limits)
{
    /// <summary>Numbers behind the highest one that are still asked for; a wider gap is given up on at once.</summary>
    public const int Window = 1024;

    private static readonly TimeSpan MinRetry = TimeSpan.FromMilliseconds(20);

    private readonly Entry[] _entries = new Entry[Window];
    private bool _started;
    private bool _gaveUp;
    private long _highest;
    private long _oldest;                              // no missing number is below this one
    private MediaTime _next = MediaTime.Never;

    /// <summary>Packets that are missing now.</summary>
    public int MissingCount { get; private set; }

    /// <summary>Packets given up on since the start.</summary>
    public long GivenUpCount { get; private set; }

    /// <summary>When to call <see cref="Poll"/>; <see cref="MediaTime.Never"/> while nothing is missing.</summary>
    public MediaTime NextDeadline => _next;

    /// <summary>Notes a packet that arrived, by itself or repaired (RTX).</summary>
    /// <param name="now">When.</param>
    /// <param name="sequence">Its number, from the stream's <see cref="SequenceUnwrapper"/>.</param>
    /// <returns>True when the packet had been missing.</returns>
    public bool OnPacket(MediaTime now, long sequence)
    {
        if (!_started)
        {
            _started = true;
            _highest = sequence;
            _oldest = sequence + 1;
            return false;
        }
        if (sequence <= _highest) return Remove(sequence);
        if (sequence - _highest > Window)
        {
            GiveUpAll(sequence - _highest - 1);
        }
        else
        {
            ForgetBefore(sequence - Window + 1, isGivenUp: true);
            for (long missing = _highest + 1; missing < sequence; missing++) Add(missing, now);
        }
        _highest = sequence;
        if (MissingCount == 0) _oldest = sequence + 1;
        return false;
    }

    /// <summary>Stops asking for everything before a packet: what the receivers need no more, such as before a key frame.</summary>
    public void ForgetBefore(long sequence) => ForgetBefore(sequence, isGivenUp: false);

    /// <summary>True once after packets were given up on.</summary>
    public bool TakeGivenUp()
    {
        bool gaveUp = _gaveUp;
        _gaveUp = false;
        return gaveUp;
    }

    /// <summary>Lists what to ask for now, oldest first; each listed packet counts as asked for.</summary>
    /// <param name="now">The time.</param>
    /// <param name="roundTrip">To the sender; 100 ms is a fair guess while it is unknown.</param>
    /// <param name="due">Takes the numbers; when it is full the rest stays due and <see cref="NextDeadline"/> is now.</param>
    /// <returns>How many numbers were written.</returns>
    public int Poll(MediaTime now, TimeSpan roundTrip, Span<SequenceNumber> due)
    {
        if (now < _next) return 0;
        // An answer takes one round trip and the sender's pacing: asking at exactly that time would double every answer.
        TimeSpan retry = TimeSpan.FromTicks(Math.Max(MinRetry.Ticks, roundTrip.Ticks * 5 / 4));
        MediaTime next = MediaTime.Never;
        int count = 0;
        for (long sequence = _oldest; sequence < _highest && MissingCount > 0; sequence++)
        {
            ref Entry entry = ref _entries[Slot(sequence)];
            if (!entry.IsMissing) continue;
            if (entry.Requests >= limits.MaxRequests && now >= entry.NextAt || now - entry.MissingSince >= limits.GiveUpAfter)
            {
                GiveUp(ref entry);
                continue;
            }
            if (now >= entry.NextAt)
            {
                if (count == due.Length)
                {
                    next = now;
                    break;
                }
                due[count++] = new SequenceNumber((ushort)sequence);
                entry.Requests++;
                entry.NextAt = now + retry;
            }
            next = MediaTime.Min(next, MediaTime.Min(entry.NextAt, entry.MissingSince + limits.GiveUpAfter));
        }
        _next = MissingCount == 0 ? MediaTime.Never : next;
        SkipToOldest();
        return count;
    }

    private void Add(long sequence, MediaTime now)
    {
        _entries[Slot(sequence)] = new Entry { IsMissing = true, MissingSince = now, NextAt = now + limits.ReorderWait };
        if (MissingCount++ == 0) _oldest = sequence;
        _next = MediaTime.Min(_next, now + limits.ReorderWait);
    }

    private bool Remove(long sequence)
    {
        if (sequence < _oldest || sequence <= _highest - Window) return false;
        ref Entry entry = ref _entries[Slot(sequence)];
        if (!entry.IsMissing) return false;
        entry.IsMissing = false;
        if (--MissingCount == 0) _next = MediaTime.Never;
        return true;
    }

    private void GiveUp(ref Entry entry)
    {
        entry.IsMissing = false;
        MissingCount--;
        GivenUpCount++;
        _gaveUp = true;
    }

    private void ForgetBefore(long sequence, bool isGivenUp)
    {
        long end = Math.Min(sequence, _highest + 1);
        for (; _oldest < end && MissingCount > 0; _oldest++)
        {
            ref Entry entry = ref _entries[Slot(_oldest)];
            if (!entry.IsMissing) continue;
            if (isGivenUp) GiveUp(ref entry);
            else
            {
                entry.IsMissing = false;
                MissingCount--;
            }
        }
        if (MissingCount == 0) _next = MediaTime.Never;
    }

    private void GiveUpAll(long skipped)
    {
        GivenUpCount += MissingCount + skipped;
        _gaveUp = true;
        MissingCount = 0;
        _next = MediaTime.Never;
        Array.Clear(_entries);
    }

    private void SkipToOldest()
    {
        while (_oldest < _highest && !_entries[Slot(_oldest)].IsMissing) _oldest++;
    }

    private static int Slot(long sequence) => (int)(sequence & (Window - 1));

    private struct Entry
    {
        internal MediaTime MissingSince;
        internal MediaTime NextAt;
        internal byte Requests;
        internal bool IsMissing;
    }
}
