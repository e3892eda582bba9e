using System.Runtime.InteropServices;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Jitter;

/// <summary>The last 1,024 packets of one consumer, as numbers only: which packet of the producer each was, what was rewritten in it, and
/// how often it was sent again. The payload stays in the producer's ring.</summary>
/// <remarks>Owned by one media worker; 16 bytes per packet, no allocation after construction. A packet is sent again at most
/// <see cref="MaxResends"/> times and once per round trip, so that a viewer who asks for everything costs a bounded amount.</remarks>
public sealed class RetransmissionHistory
{
    /// <summary>Packets it remembers.</summary>
    public const int Capacity = 1024;

    /// <summary>Times one packet is sent again (LiveKit sequencer.go).</summary>
    public const int MaxResends = 3;

    private const long MinIntervalMs = 20;

    private readonly Entry[] _entries = new Entry[Capacity];
    private ulong _end;                                // one more than the highest index sent; 0 before the first

    /// <summary>Remembers a packet.</summary>
    /// <param name="index">Its 48-bit index on the viewer's SSRC. Below the highest one is fine: a late packet takes its own place.</param>
    /// <param name="packet">What to remember.</param>
    /// <returns>False when the index is too old to be kept.</returns>
    public bool Add(ulong index, in SentPacket packet)
    {
        if (index >= _end) Advance(index);
        else if (_end - index > Capacity) return false;
        _entries[Slot(index)] = new Entry
        {
            SourceSequence = packet.SourceSequence,
            Timestamp = packet.Timestamp.Value,
            PictureId = packet.PictureId,
            Tl0PicIdx = packet.Tl0PicIdx,
            KeyIdxAndSource = (byte)(packet.KeyIdx & 0x1F | packet.Source << 5),
            State = Entry.Kept,
        };
        return true;
    }

    /// <summary>Decides about one number of a NACK; <see cref="ResendVerdict.Resend"/> counts as sent again.</summary>
    /// <param name="now">The time.</param>
    /// <param name="number">The number the viewer asked for.</param>
    /// <param name="roundTrip">To the viewer, or zero while it is unknown.</param>
    /// <param name="index">The index it was sent with; valid unless <see cref="ResendVerdict.Unknown"/>.</param>
    /// <param name="packet">What was remembered; valid unless <see cref="ResendVerdict.Unknown"/>.</param>
    public ResendVerdict TryResend(MediaTime now, SequenceNumber number, TimeSpan roundTrip, out ulong index, out SentPacket packet)
    {
        packet = default;
        // The newest index at or below the highest one that ends in this number.
        index = _end - 1 - (ushort)((ushort)(_end - 1) - number.Value);
        if (_end == 0 || index >= _end || _end - index > Capacity) return ResendVerdict.Unknown;
        ref Entry entry = ref _entries[Slot(index)];
        if ((entry.State & Entry.Kept) == 0) return ResendVerdict.Unknown;
        packet = new SentPacket(
            entry.SourceSequence, new RtpTimestamp(entry.Timestamp), entry.PictureId, entry.Tl0PicIdx,
            (byte)(entry.KeyIdxAndSource & 0x1F), (byte)(entry.KeyIdxAndSource >> 5));
        int resends = entry.State & Entry.ResendMask;
        if (resends >= MaxResends) return ResendVerdict.TooOften;
        // The first request is always answered: our idea of the round trip may be older than the viewer's.
        ushort sinceMs = (ushort)((ushort)now.Milliseconds - entry.ResentAtMs);
        if (resends > 0 && sinceMs < Math.Clamp((long)roundTrip.TotalMilliseconds, MinIntervalMs, ushort.MaxValue)) return ResendVerdict.TooSoon;
        entry.State++;
        entry.ResentAtMs = (ushort)now.Milliseconds;
        return ResendVerdict.Resend;
    }

    /// <summary>Forgets everything sent so far: nothing of it is needed any more, after a key frame request for instance.</summary>
    public void Clear() => Array.Clear(_entries);

    // Indices that were left out (holes a rewriter leaves) must not show what was there 1,024 packets ago.
    private void Advance(ulong index)
    {
        if (_end == 0 || index - _end >= Capacity) Array.Clear(_entries);
        else
            for (ulong skipped = _end; skipped < index; skipped++) _entries[Slot(skipped)] = default;
        _end = index + 1;
    }

    private static int Slot(ulong index) => (int)(index % Capacity);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    internal struct Entry
    {
        internal const byte ResendMask = 0x03;
        internal const byte Kept = 0x80;

        internal uint SourceSequence;
        internal uint Timestamp;
        internal ushort PictureId;
        internal ushort ResentAtMs;                    // modulo 65.5 s: a wrong answer costs one request of a packet that old
        internal byte Tl0PicIdx;
        internal byte KeyIdxAndSource;
        internal byte State;
    }
}
