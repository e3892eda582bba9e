using Sfu.Media.Time;

namespace Sfu.Media.Congestion;

/// <summary>Says when more may be sent to one receiver: a leaky bucket that everything sent fills, and that flows out at a rate.</summary>
/// <remarks>
/// Owned by one transport; told the time, does no I/O. Who asks before it sends puts no more than rate x time + <see cref="Burst"/> on the
/// link in any span of time. What is sent without asking (live media) is counted as a debt, which is bounded: others wait for it, but not
/// for longer than <see cref="LongestDebt"/> and a burst take to flow out.
/// </remarks>
public sealed class Pacer
{
    /// <summary>Bytes of the longest packet that may be asked for: what an Ethernet frame holds.</summary>
    public const int FullPacket = 1500;

    /// <summary>Full packets that may always leave together, after a pause, at any rate.</summary>
    public const int PacketsTogether = 4;

    /// <summary>Most bytes that may leave together at any rate (libwebrtc's largest burst of a pacer, 63 kB).</summary>
    public const int LargestBurst = 63_000;

    /// <summary>How long what leaves together may keep the link busy where that is more than <see cref="PacketsTogether"/>.</summary>
    public static readonly TimeSpan BurstTime = TimeSpan.FromMilliseconds(10);

    /// <summary>What was sent without asking holds the others up for no longer than this.</summary>
    public static readonly TimeSpan LongestDebt = TimeSpan.FromMilliseconds(250);

    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int LongestFlow = 3600;                  // seconds: nothing stays for longer
    private const long HighestRate = 1_000_000_000;        // bit/s: with at most a second of it at once no product leaves 63 bits

    private long _bits;
    private MediaTime _at;

    /// <summary>Makes an empty one.</summary>
    /// <param name="now">The time.</param>
    /// <param name="rate">Its rate, at least 1 bit/s.</param>
    public Pacer(MediaTime now, Bitrate rate)
    {
        _at = now;
        SetRate(now, rate);
    }

    /// <summary>How fast it flows out.</summary>
    public Bitrate Rate { get; private set; }

    /// <summary>Bytes that may leave together.</summary>
    public int Burst { get; private set; }

    /// <summary>Bytes that have not flowed out yet, at the time of the last call.</summary>
    public int Level => (int)(_bits / 8);

    /// <summary>Flows out faster or slower from now on; 1 bit/s to 1 Gbit/s.</summary>
    public void SetRate(MediaTime now, Bitrate rate)
    {
        Flow(now);
        Rate = new Bitrate(Math.Clamp(rate.BitsPerSecond, 1, HighestRate));
        long burst = (long)(Rate.BitsPerSecond * BurstTime.TotalSeconds / 8);
        Burst = (int)Math.Clamp(burst, PacketsTogether * FullPacket, LargestBurst);
    }

    /// <summary>Counts what is being sent now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="bytes">Its length.</param>
    public void OnSent(MediaTime now, int bytes)
    {
        Flow(now);
        Add(bytes);
    }

    /// <summary>Counts what was sent without asking since the last call of anything here: it flowed out on the way.</summary>
    /// <param name="now">The time.</param>
    /// <param name="bytes">What was sent; 0 or more.</param>
    public void OnSentBefore(MediaTime now, long bytes)
    {
        // Bounded only once it flowed out: of a long time it may be much.
        _bits += Math.Min(bytes, HighestRate / 8) * 8;
        Flow(now);
        Add(0);
    }

    /// <summary>One full packet may be sent now.</summary>
    public bool HasRoom(MediaTime now)
    {
        Flow(now);
        return _bits + FullPacket * 8 <= Burst * 8L;
    }

    /// <summary>When that many full packets may be sent, if nothing else is sent until then.</summary>
    /// <param name="now">The time; the answer is not before it.</param>
    /// <param name="packets">How many; as if it were <see cref="PacketsTogether"/> where it is more.</param>
    public MediaTime RoomAt(MediaTime now, int packets)
    {
        Flow(now);
        long excess = _bits + Math.Min(packets, PacketsTogether) * FullPacket * 8L - Burst * 8L;
        if (excess <= 0) return now;
        long nanoseconds = (long)Math.Ceiling((double)excess * NanosecondsPerSecond / Rate.BitsPerSecond);
        return new MediaTime(now.Nanoseconds + nanoseconds + 1);
    }

    private void Add(int bytes) => _bits = Math.Min(_bits + bytes * 8L, Burst * 8L + (long)(Rate.BitsPerSecond * LongestDebt.TotalSeconds));

    /// <summary>Lets flow out what did since the last call, rounded down to bits.</summary>
    private void Flow(MediaTime now)
    {
        long elapsed = Math.Min(now.Nanoseconds - _at.Nanoseconds, NanosecondsPerSecond * LongestFlow);
        if (elapsed <= 0) return;
        long bits = elapsed / NanosecondsPerSecond * Rate.BitsPerSecond + elapsed % NanosecondsPerSecond * Rate.BitsPerSecond / NanosecondsPerSecond;
        if (bits == 0) return;
        _at = now;
        _bits = Math.Max(0, _bits - bits);
    }
}
