using Sfu.Media.Rtp;
using Sfu.Router.Rooms;

namespace Sfu.Router.Transport;

/// <summary>What a queued packet is; decides how it is protected and what goes first when a link is full.</summary>
internal enum QueuedKind : byte
{
    /// <summary>RTP of an audio track.</summary>
    Audio = MediaKind.Audio,

    /// <summary>RTP of a video track.</summary>
    Video = MediaKind.Video,

    /// <summary>An RTCP compound, whole in the header bytes.</summary>
    Rtcp,
}

/// <summary>One packet of the turn: the bytes written for this receiver, and where the rest lies.</summary>
internal struct QueuedPacket
{
    /// <summary>Start of the viewer's own bytes in the queue's memory.</summary>
    internal int OwnAt;

    /// <summary>Length of the viewer's own bytes.</summary>
    internal int OwnLength;

    /// <summary>How many of them are the header, which stays in clear; the rest begins the payload.</summary>
    internal int HeaderLength;

    /// <summary>Where in the header the transport-cc number goes, or 0.</summary>
    internal int TransportCcAt;

    /// <summary>The shared payload in native memory; valid until the turn ends.</summary>
    internal nint Payload;

    /// <summary>Length of the shared payload.</summary>
    internal int PayloadLength;

    /// <summary>48-bit SRTP packet index; RTP only.</summary>
    internal ulong Index;

    /// <summary>SSRC on the viewer's transport; RTP only.</summary>
    internal uint Ssrc;

    /// <summary>What it is.</summary>
    internal QueuedKind Kind;

    /// <summary>The next packet for the same receiver, or -1.</summary>
    internal int Next;
}

/// <summary>The packets of one turn, listed by receiver, so that each receiver's leave together.</summary>
/// <remarks>Owned by one media worker. Fixed memory: when it is full the caller flushes within the turn.</remarks>
internal sealed class SendQueue
{
    private const int Capacity = 4096;
    private const int OwnBytes = 512 * 1024;
    private const int None = -1;

    private readonly QueuedPacket[] _packets = new QueuedPacket[Capacity];
    private readonly byte[] _own = GC.AllocateUninitializedArray<byte>(OwnBytes, pinned: true);
    private (int First, int Last)[] _lists = [];           // by receiver slot
    private int[] _dirty = [];
    private int _dirtyCount;
    private int _count;
    private int _ownEnd;

    /// <summary>Nothing is queued.</summary>
    internal bool IsEmpty => _count == 0;

    /// <summary>Receiver slots that have packets, in the order of their first one.</summary>
    internal ReadOnlySpan<int> Dirty => _dirty.AsSpan(0, _dirtyCount);

    /// <summary>Makes room for receiver slots 0 to <paramref name="slots"/> - 1; called when transports open.</summary>
    internal void EnsureSlots(int slots)
    {
        if (slots <= _lists.Length) return;
        int old = _lists.Length;
        int length = Math.Max(slots, Math.Max(16, old * 2));
        Array.Resize(ref _lists, length);
        Array.Resize(ref _dirty, length);
        Array.Fill(_lists, (None, None), old, length - old);
    }

    /// <summary>Appends an RTP packet for a receiver; false when the queue is full.</summary>
    internal unsafe bool TryAdd(int slot, in OutgoingRtp rtp)
    {
        if (!HasRoom(rtp.Own.Length)) return false;
        ref QueuedPacket packet = ref Add(slot, rtp.Own);
        packet.HeaderLength = rtp.HeaderLength;
        packet.TransportCcAt = rtp.TransportCcAt;
        packet.Payload = (nint)rtp.Payload;
        packet.PayloadLength = rtp.PayloadLength;
        packet.Ssrc = rtp.Ssrc.Value;
        packet.Index = rtp.Index;
        packet.Kind = (QueuedKind)rtp.Kind;
        return true;
    }

    /// <summary>Appends an RTCP compound for a receiver; false when the queue is full.</summary>
    internal bool TryAddRtcp(int slot, ReadOnlySpan<byte> compound)
    {
        if (!HasRoom(compound.Length)) return false;
        ref QueuedPacket packet = ref Add(slot, compound);
        packet.HeaderLength = compound.Length;
        packet.TransportCcAt = 0;
        packet.Payload = 0;
        packet.PayloadLength = 0;
        packet.Kind = QueuedKind.Rtcp;
        return true;
    }

    /// <summary>Number of a receiver's first packet, or -1; the following ones hang on <see cref="QueuedPacket.Next"/>.</summary>
    internal int FirstOf(int slot) => _lists[slot].First;

    /// <summary>A packet by number.</summary>
    internal ref readonly QueuedPacket this[int number] => ref _packets[number];

    /// <summary>The viewer's own bytes of a packet.</summary>
    internal ReadOnlySpan<byte> OwnBytesOf(in QueuedPacket packet) => _own.AsSpan(packet.OwnAt, packet.OwnLength);

    /// <summary>Forgets everything: it was sent.</summary>
    internal void Clear()
    {
        foreach (int slot in Dirty) _lists[slot] = (None, None);
        _dirtyCount = 0;
        _count = 0;
        _ownEnd = 0;
    }

    private bool HasRoom(int ownLength) => _count < Capacity && ownLength <= OwnBytes - _ownEnd;

    private ref QueuedPacket Add(int slot, ReadOnlySpan<byte> own)
    {
        own.CopyTo(_own.AsSpan(_ownEnd));
        ref QueuedPacket packet = ref _packets[_count];
        packet.OwnAt = _ownEnd;
        packet.OwnLength = own.Length;
        packet.Next = None;
        Append(slot, _count++);
        _ownEnd += own.Length;
        return ref packet;
    }

    private void Append(int slot, int number)
    {
        ref (int First, int Last) list = ref _lists[slot];
        if (list.First == None)
        {
            list = (number, number);
            _dirty[_dirtyCount++] = slot;
            return;
        }

        _packets[list.Last].Next = number;
        list.Last = number;
    }
}
