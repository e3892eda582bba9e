using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Jitter;

/// <summary>The last packets of one consumer, as numbers only: which packet of the producer each was, what was rewritten in it, and
/// how often it was sent again. The payload stays in the producer's ring.</summary>
/// <remarks>Owned by one media worker; no allocation but in <see cref="Grow"/>. A packet is sent again at most <see cref="MaxResends"/> times and
/// once per round trip, so that a viewer who asks for everything costs a bounded amount.</remarks>
public sealed unsafe class RetransmissionHistory
{
    /// <summary>Times one packet is sent again (LiveKit sequencer.go).</summary>
    public const int MaxResends = 3;

    private const long MinIntervalMs = 20;

    private SentEntry[] _entries;

    /// <summary>Makes an empty history.</summary>
    /// <param name="capacity">Packets it remembers; a power of two.</param>
    public RetransmissionHistory(int capacity)
    {
        if (!BitOperations.IsPow2(capacity)) throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "not a power of two");
        _entries = GC.AllocateArray<SentEntry>(capacity, pinned: true);
    }

    /// <summary>Packets it remembers.</summary>
    public int Capacity => _entries.Length;

    /// <summary>Its first place; that of an index is the one at <c>index % Capacity</c>. Valid while this object is referred to, until it grows.</summary>
    /// <remarks>For the sender of in-order packets, who would else touch this object and the array's head for each of them.</remarks>
    public SentEntry* Places => (SentEntry*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_entries));

    /// <summary>Remembers a packet.</summary>
    /// <param name="index">Its 48-bit index on the viewer's SSRC. Below the highest one is fine: a late packet takes its own place.</param>
    /// <param name="packet">What to remember.</param>
    /// <returns>False when the index is too old to be kept.</returns>
    public bool Add(ulong index, in SentPacket packet)
    {
        ref SentEntry entry = ref PlaceOf(index);
        if (entry.IsNewerThan(index)) return false;
        entry.Set(index, packet);
        return true;
    }

    /// <summary>Decides about one number of a NACK; <see cref="ResendVerdict.Resend"/> counts as sent again.</summary>
    /// <param name="now">The time.</param>
    /// <param name="number">The number the viewer asked for.</param>
    /// <param name="highest">Highest index sent.</param>
    /// <param name="roundTrip">To the viewer, or zero while it is unknown.</param>
    /// <param name="index">The index it was sent with; valid unless <see cref="ResendVerdict.Unknown"/>.</param>
    /// <param name="packet">What was remembered; valid unless <see cref="ResendVerdict.Unknown"/>.</param>
    public ResendVerdict TryResend(
        MediaTime now, SequenceNumber number, ulong highest, TimeSpan roundTrip, out ulong index, out SentPacket packet)
    {
        packet = default;
        ref SentEntry entry = ref Find(number, highest, out index);
        if (Unsafe.IsNullRef(ref entry)) return ResendVerdict.Unknown;
        packet = entry.Packet;
        entry.IsWaiting = false;
        ResendVerdict verdict = Judge(now, entry, roundTrip);
        if (verdict == ResendVerdict.Resend) entry.OnResend(now.Milliseconds);
        return verdict;
    }

    /// <summary>Decides about one number of a NACK that is answered later, by <see cref="TryResend"/>: <see cref="ResendVerdict.Resend"/> means
    /// that it waits from now on, and does not count as sent again. Whoever does not send it after all calls <see cref="StopWaiting"/>.</summary>
    public ResendVerdict TryWait(MediaTime now, SequenceNumber number, ulong highest, TimeSpan roundTrip)
    {
        ref SentEntry entry = ref Find(number, highest, out _);
        if (Unsafe.IsNullRef(ref entry)) return ResendVerdict.Unknown;
        if (entry.IsWaiting) return ResendVerdict.Waiting;
        ResendVerdict verdict = Judge(now, entry, roundTrip);
        entry.IsWaiting = verdict == ResendVerdict.Resend;
        return verdict;
    }

    /// <summary>A packet that waited is not sent again; it may be asked for anew.</summary>
    public void StopWaiting(SequenceNumber number, ulong highest)
    {
        ref SentEntry entry = ref Find(number, highest, out _);
        if (!Unsafe.IsNullRef(ref entry)) entry.IsWaiting = false;
    }

    /// <summary>Remembers twice as many packets from now on; forgets none.</summary>
    public void Grow()
    {
        SentEntry[] old = _entries;
        _entries = GC.AllocateArray<SentEntry>(old.Length * 2, pinned: true);
        foreach (ref readonly SentEntry entry in old.AsSpan())
            if (entry.IsKept) PlaceOf(entry.LowerIndex) = entry;   // two of one new place would have had one old place
    }

    /// <summary>Forgets everything sent so far: nothing of it is needed any more, after a key frame request for instance.</summary>
    public void Clear() => Array.Clear(_entries);

    private static ResendVerdict Judge(MediaTime now, in SentEntry entry, TimeSpan roundTrip)
    {
        if (entry.Resends >= MaxResends) return ResendVerdict.TooOften;
        // The first request is always answered: our idea of the round trip may be older than the viewer's.
        long interval = Math.Clamp((long)roundTrip.TotalMilliseconds, MinIntervalMs, ushort.MaxValue);
        return entry.Resends > 0 && entry.SinceResent(now.Milliseconds) < interval ? ResendVerdict.TooSoon : ResendVerdict.Resend;
    }

    /// <returns>The place of the newest packet at or below the highest one that ends in this number; a null reference when nothing is known of it.</returns>
    private ref SentEntry Find(SequenceNumber number, ulong highest, out ulong index)
    {
        int back = (ushort)((ushort)highest - number.Value);
        index = highest - (ulong)back;
        if (back >= Capacity || index > highest) return ref Unsafe.NullRef<SentEntry>();
        ref SentEntry entry = ref PlaceOf(index);
        if (!entry.Is(index)) return ref Unsafe.NullRef<SentEntry>();
        return ref entry;
    }

    private ref SentEntry PlaceOf(ulong index) => ref _entries[(int)(index & (uint)(_entries.Length - 1))];
}
