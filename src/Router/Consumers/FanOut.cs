using System.Buffers.Binary;
using Sfu.Media.Native;
using Sfu.Media.Rtp;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;

namespace Sfu.Router.Consumers;

/// <summary>Gives one packet to every consumer of its producer. What is the same for all is done once; what is left for most of them is
/// their own numbers in a header that is written already.</summary>
/// <remarks>Owned by a room; no allocation. A consumer that has more to do with a packet (to begin, to leave it out, to name its section)
/// gets it by <see cref="Consumer.OnPacket"/>, which does the same and everything else.</remarks>
internal sealed unsafe class FanOut(RoomContext context)
{
    private const int Ahead = 3;                           // consumers: about as many nanoseconds as memory takes

    private readonly byte[] _own = GC.AllocateArray<byte>(Consumer.OwnLength, pinned: true);
    private HeaderForm _form;
    private int _headerLength;
    private int _transportCcAt;

    /// <summary>Consumers are looked at one by one, always: for tests that compare.</summary>
    internal bool IsPatient { get; set; }

    /// <summary>Packets sent that needed nothing but new numbers.</summary>
    internal long Followed { get; private set; }

    /// <summary>Gives a packet to the consumers of its producer.</summary>
    internal void Forward(in IncomingPacket packet)
    {
        ConsumerTable consumers = packet.Stream.Producer.Consumers;
        ConsumerLane* lane = consumers.Lanes;
        ConsumerLane* end = lane + consumers.Count;
        int sent = 0;
        long bytes = 0;
        _headerLength = 0;
        for (int i = 0; lane < end; i++, lane++)
        {
            if (lane + Ahead < end) Prefetch(lane + Ahead);
            int one = TrySend(packet, lane);
            if (one == 0) consumers.All[i].OnPacket(packet);
            else sent++;
            bytes += one;
        }

        if (sent == 0) return;
        Followed += sent;
        packet.Stream.Ring.Pin(packet.Ring);
        context.Counters.Sent(packet.Stream.Producer.Kind, sent, bytes);
    }

    /// <summary>Sends a packet that needs nothing but new numbers.</summary>
    /// <returns>Bytes of the packet; 0 when the consumer has to look at it. Nothing was changed then.</returns>
    private int TrySend(in IncomingPacket packet, ConsumerLane* lane)
    {
        if (lane->Stream != packet.Stream.Number || lane->SourceType != packet.Header.PayloadType
            || packet.Info.TemporalLayer > lane->Temporal || !lane->Packets.Follows(packet.Index) || IsPatient) return 0;
        bool isVideo = packet.Stream.Producer.Kind == MediaKind.Video;
        if (isVideo && packet.Info.IsKeyFrame && lane->Form.HasMid) return 0;
        if (!lane->Pictures.TryFollow(packet.Picture, out WrittenNumbers numbers)) return 0;
        if (packet.Header.Timestamp.DistanceFrom(lane->NewestSource) > 0) lane->NewestSource = packet.Header.Timestamp;
        return Send(packet, lane, numbers);
    }

    private int Send(in IncomingPacket packet, ConsumerLane* lane, in WrittenNumbers numbers)
    {
        if (_headerLength == 0 || _form != lane->Form) WriteHeader(packet, lane->Form);
        long index = lane->Packets.Advance(packet.Index);
        RtpTimestamp timestamp = lane->Timestamps.Outgoing(packet.Header.Timestamp);
        int prefix = Consumer.CopyPrefix(packet, numbers, _own.AsSpan(_headerLength));
        Span<byte> own = _own.AsSpan(0, _headerLength + prefix);
        own[1] = (byte)((packet.Header.Marker ? 0x80 : 0) | lane->ViewerType);
        BinaryPrimitives.WriteUInt16BigEndian(own[2..], (ushort)index);
        BinaryPrimitives.WriteUInt32BigEndian(own[4..], timestamp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(own[8..], lane->Ssrc.Value);
        if (lane->History != null)
        {
            uint check = lane->IsRepeated ? ConsumerRepair.CheckOf(own) : 0;
            lane->PlaceOf((ulong)index)->Set((ulong)index, ConsumerRepair.Remember(packet, timestamp, numbers, hasMid: false, check));
        }

        int payload = packet.Payload.Length - prefix;
        context.Output.SendRtp(lane->Slot, new OutgoingRtp
        {
            Own = own,
            HeaderLength = _headerLength,
            TransportCcAt = _transportCcAt,
            Payload = packet.Ring.Data + packet.Payload.At + prefix,
            PayloadLength = payload,
            Ssrc = lane->Ssrc,
            Index = (ulong)index,
            Kind = packet.Stream.Producer.Kind,
        });
        lane->Timestamps.OnSent(packet.ReceivedAt, timestamp);
        lane->PacketCount++;
        lane->OctetCount += prefix + payload;
        lane->Bytes += own.Length + payload;
        return own.Length + payload;
    }

    /// <summary>Writes the header that all consumers with one form have in common.</summary>
    private void WriteHeader(in IncomingPacket packet, HeaderForm form)
    {
        _form = form;
        _headerLength = form.Write(
            _own, packet.ReceivedAt, default, packet.Ring.Bytes, packet.Extensions, mid: default, out _transportCcAt);
    }

    // Consumers are far apart in time: between two bursts the caches hold something else. Their lanes lie in a row, which the processor
    // fetches ahead by itself; the places in their histories do not.
    private static void Prefetch(ConsumerLane* lane)
    {
        if (lane->History != null) CacheHint.Fetch(lane->PlaceOf((ulong)lane->Packets.HighestOutgoing + 1));
    }
}
