using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Sfu.Media;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Rooms;

namespace Sfu.Router.Transport;

/// <summary>Collects what the rooms send during a turn and protects it by receiver at the turn's end, straight into the send slab.</summary>
/// <remarks>Owned by one media worker. Sending in the order of arrival would cost 3.5 times as much at ten packets per receiver.</remarks>
internal sealed unsafe class PacketOutput(IDatagramSink sink, TransportTable transports, RouterCounters counters, SrtpBatch batch) : IPacketOutput
{
    private const int TransportsPerFlush = 16;
    private const int PrefetchSteps = SrtpSender.PrefetchSteps + 1;
    private const int MaxPlainLength = 1600;               // what we take is at most 1,500 bytes, rewriting adds a few
    private const int RtcpIndexLength = 4;                 // E bit and index, RFC 3711 section 3.4

    private readonly SendQueue _queue = new();
    private readonly List<ParticipantTransport> _linkChanges = [];
    private MediaTime _now;

    /// <inheritdoc/>
    public long Epoch { get; private set; }

    /// <summary>Makes room for transport slots 0 to <paramref name="slots"/> - 1.</summary>
    internal void EnsureSlots(int slots)
    {
        _queue.EnsureSlots(slots);
        _linkChanges.EnsureCapacity(2 * slots);            // both ways in one turn; it is filled on the packet path
    }

    /// <summary>Takes a transport whose link became full for video, or free again.</summary>
    internal bool TryTakeLinkChange([NotNullWhen(true)] out ParticipantTransport? transport)
    {
        transport = _linkChanges.Count == 0 ? null : _linkChanges[^1];
        if (transport is not null) _linkChanges.RemoveAt(_linkChanges.Count - 1);
        return transport is not null;
    }

    /// <summary>Says what time it is for what follows.</summary>
    internal void BeginTurn(MediaTime now) => _now = now;

    /// <inheritdoc/>
    public void SendRtp(int slot, in OutgoingRtp packet)
    {
        if (packet.Own.Length + packet.PayloadLength > MaxPlainLength)
        {
            counters.Drop(DropReason.TooLong);
            return;
        }

        if (_queue.TryAdd(slot, packet)) return;
        Drain();
        _queue.TryAdd(slot, packet);
    }

    /// <inheritdoc/>
    public void SendRtcp(int slot, ReadOnlySpan<byte> compound)
    {
        if (compound.Length > MaxPlainLength)
        {
            counters.Drop(DropReason.TooLong);
            return;
        }

        if (_queue.TryAddRtcp(slot, compound)) return;
        Drain();
        _queue.TryAddRtcp(slot, compound);
    }

    /// <summary>Sends bytes that need no protection (STUN, DTLS) to an address.</summary>
    internal void SendPlain(in TransportAddress to, ReadOnlySpan<byte> datagram)
    {
        int prefix = PrefixFor(to);
        Span<byte> room = Reserve(datagram.Length + prefix);
        if (room.IsEmpty)
        {
            counters.Drop(DropReason.SendQueueFull);
            return;
        }

        if (prefix > 0) BinaryPrimitives.WriteUInt16BigEndian(room, (ushort)datagram.Length);
        datagram.CopyTo(room[prefix..]);
        sink.Commit(to, datagram.Length + prefix, 0, isVideo: false);
    }

    /// <summary>Protects everything queued and hands it to the network.</summary>
    internal void Flush()
    {
        Drain();
        FlushSink();
    }

    /// <summary>Protects everything queued; payloads are no longer needed afterwards.</summary>
    public void Drain()
    {
        if (_queue.IsEmpty) return;
        int sinceFlush = 0;
        ReadOnlySpan<int> dirty = _queue.Dirty;
        for (int i = -PrefetchSteps; i < dirty.Length; i++)
        {
            Prefetch(dirty, i);
            if (i < 0) continue;
            int slot = dirty[i];
            ParticipantTransport? transport = transports[slot];
            if (transport is not null && transport.MaySend(_now)) DrainTransport(transport);
            else CountClosed(slot);
            if (++sinceFlush < TransportsPerFlush && !sink.IsFlushDue) continue;
            sinceFlush = 0;
            FlushSink();
        }

        _queue.Clear();
        Epoch++;
    }

    // What sending needs of a transport is five objects deep and, a picture after the last one, no longer in the caches: each step fetches
    // what the one before led to, for transports whose turn comes soon.
    private void Prefetch(ReadOnlySpan<int> dirty, int current)
    {
        if ((uint)(current + PrefetchSteps) < (uint)dirty.Length) transports[dirty[current + PrefetchSteps]]?.Prefetch();
        for (int step = 0; step < SrtpSender.PrefetchSteps; step++)
        {
            int next = current + SrtpSender.PrefetchSteps - step;
            if ((uint)next < (uint)dirty.Length) transports[dirty[next]]?.Sender?.Prefetch(step);
        }
    }

    private void FlushSink()
    {
        batch.Flush();                                     // what was committed is whole now
        sink.Flush(_now);
    }

    private void DrainTransport(ParticipantTransport transport)
    {
        bool isCongested = sink.IsCongested(_now, transport.Destination);
        if (!isCongested) SetCongested(transport, false);
        int first = _queue.FirstOf(transport.Slot);
        bool isOne = _queue[first].Next < 0 && !isCongested && transport.Destination.Protocol == TransportProtocol.Udp;
        if (isOne) SendOne(transport, _queue[first]);
        else DrainMany(transport, first, isCongested);
    }

    /// <summary>One datagram needs no plan.</summary>
    private void SendOne(ParticipantTransport transport, in QueuedPacket packet)
    {
        Span<byte> room = Reserve(Needed(packet));
        if (room.IsEmpty)
        {
            counters.Drop(DropReason.SendQueueFull);
            return;
        }

        sink.Commit(transport.Destination, Protect(transport, packet, room), 0, packet.Kind == QueuedKind.Video);
    }

    [SkipLocalsInit]
    private void DrainMany(ParticipantTransport transport, int number, bool isCongested)
    {
        Span<int> numbers = stackalloc int[RunPlanner.Window];
        while (number >= 0)
        {
            int count = 0;
            for (; number >= 0 && count < RunPlanner.Window; number = _queue[number].Next)
            {
                if (isCongested && _queue[number].Kind == QueuedKind.Video) DropVideo(transport);
                else numbers[count++] = number;
            }

            if (count == 0) return;
            if (transport.Destination.Protocol == TransportProtocol.Tcp) SendFrames(transport, numbers[..count]);
            else SendRuns(transport, numbers[..count]);
        }
    }

    [SkipLocalsInit]
    private void SendRuns(ParticipantTransport transport, ReadOnlySpan<int> numbers)
    {
        Span<int> lengths = stackalloc int[RunPlanner.Window];
        Span<ulong> streams = stackalloc ulong[RunPlanner.Window];
        Span<byte> order = stackalloc byte[RunPlanner.Window];
        Span<byte> runs = stackalloc byte[RunPlanner.Window];
        for (int i = 0; i < numbers.Length; i++)
        {
            ref readonly QueuedPacket packet = ref _queue[numbers[i]];
            lengths[i] = packet.OwnLength + packet.PayloadLength + transport.TagLength + (packet.Kind == QueuedKind.Rtcp ? RtcpIndexLength : 0);
            streams[i] = packet.Kind == QueuedKind.Rtcp ? ulong.MaxValue : packet.Ssrc;
        }

        int runCount = RunPlanner.Plan(lengths[..numbers.Length], streams[..numbers.Length], order, runs);
        int at = 0;
        for (int run = 0; run < runCount; run++)
        {
            SendRun(transport, numbers, order.Slice(at, runs[run]));
            at += runs[run];
        }
    }

    private void SendRun(ParticipantTransport transport, ReadOnlySpan<int> numbers, ReadOnlySpan<byte> order)
    {
        int needed = 0;
        foreach (byte i in order) needed += Needed(_queue[numbers[i]]);
        Span<byte> room = Reserve(needed);
        if (room.IsEmpty)
        {
            Drop(DropReason.SendQueueFull, order.Length);
            return;
        }

        int end = 0;
        int segment = 0;
        bool isVideo = true;
        foreach (byte i in order)
        {
            ref readonly QueuedPacket packet = ref _queue[numbers[i]];
            int length = Protect(transport, packet, room[end..]);
            if (segment == 0) segment = length;
            Debug.Assert(length <= segment, "only the last packet of a run may be shorter, none longer");
            isVideo &= packet.Kind == QueuedKind.Video;
            end += length;
        }

        sink.Commit(transport.Destination, end, order.Length > 1 ? segment : 0, isVideo);
    }

    /// <summary>Writes packets as RFC 4571 frames, end to end.</summary>
    private void SendFrames(ParticipantTransport transport, ReadOnlySpan<int> numbers)
    {
        for (int first = 0; first < numbers.Length;)
        {
            int needed = 0;
            int last = first;
            for (; last < numbers.Length; last++)
            {
                int one = Needed(_queue[numbers[last]]) + FrameReader.PrefixSize;
                if (needed + one > SendSlab.MaxRunBytes) break;
                needed += one;
            }

            Span<byte> room = Reserve(needed);
            if (room.IsEmpty)
            {
                Drop(DropReason.SendQueueFull, numbers.Length - first);
                return;
            }

            int end = 0;
            for (; first < last; first++)
            {
                int length = Protect(transport, _queue[numbers[first]], room[(end + FrameReader.PrefixSize)..]);
                BinaryPrimitives.WriteUInt16BigEndian(room[end..], (ushort)length);
                end += FrameReader.PrefixSize + length;
            }

            sink.Commit(transport.Destination, end, 0, isVideo: false);
        }
    }

    private int Protect(ParticipantTransport transport, in QueuedPacket packet, Span<byte> destination)
    {
        _queue.OwnBytesOf(packet).CopyTo(destination);
        SrtpSender sender = transport.Sender!;
        if (packet.Kind == QueuedKind.Rtcp) return sender.ProtectRtcp(destination, packet.HeaderLength);
        if (packet.TransportCcAt > 0)
            BinaryPrimitives.WriteUInt16BigEndian(destination[packet.TransportCcAt..], transport.TakeTransportCcNumber());
        var payload = new ReadOnlySpan<byte>((void*)packet.Payload, packet.PayloadLength);
        if (packet.OwnLength > packet.HeaderLength)
        {
            payload.CopyTo(destination[packet.OwnLength..]);   // the payload is in two places: 20 ns for a whole packet
            payload = destination[packet.HeaderLength..(packet.OwnLength + packet.PayloadLength)];
        }

        return sender.Protect(destination, packet.HeaderLength, payload, new Ssrc(packet.Ssrc), packet.Index, batch);
    }

    private static int Needed(in QueuedPacket packet) => packet.OwnLength + packet.PayloadLength + SrtpLimits.MaxOverhead;

    private static int PrefixFor(in TransportAddress to) => to.Protocol == TransportProtocol.Tcp ? FrameReader.PrefixSize : 0;

    private Span<byte> Reserve(int length)
    {
        Span<byte> room = sink.Reserve(length);
        if (!room.IsEmpty) return room;
        FlushSink();
        return sink.Reserve(length);
    }

    private void DropVideo(ParticipantTransport transport)
    {
        counters.Drop(DropReason.SendQueueFull);
        SetCongested(transport, true);
    }

    private void SetCongested(ParticipantTransport transport, bool isCongested)
    {
        if (transport.IsCongested == isCongested) return;
        transport.IsCongested = isCongested;
        _linkChanges.Add(transport);
    }

    private void Drop(DropReason reason, int packets)
    {
        for (int i = 0; i < packets; i++) counters.Drop(reason);
    }

    private void CountClosed(int slot)
    {
        for (int number = _queue.FirstOf(slot); number >= 0; number = _queue[number].Next) counters.Drop(DropReason.Closed);
    }
}
