using System.Runtime.CompilerServices;
using Sfu.Media;
using Sfu.Media.Codecs;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.KeyFrames;
using Sfu.Router.Layers;
using Sfu.Router.Overload;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Consumers;

/// <summary>One track as one viewer is sent it: one SSRC whose numbers and time stamps run on whatever the producer does.</summary>
/// <remarks>Owned by its room. It begins, and goes on after a pause or with another encoding, at a key frame; sound at any packet.</remarks>
internal sealed unsafe partial class Consumer
{
    /// <summary>Most bytes of a packet that are its receiver's own: header, payload descriptor.</summary>
    internal const int OwnLength = HeaderForm.MaxLength + 32;

    private const byte NoType = 0xFF;
    private const int MaxReplayBytes = 128 * 1024;
    private static readonly TimeSpan MaxReplayAge = KeyFrameRequester.MinInterval;  // older: the sender may be asked anyway

    private readonly RoomRouter _room;
    private readonly CodecFormat?[] _formats = new CodecFormat?[128];
    private readonly byte[] _mid;
    private readonly ConsumerRepair? _repair;
    private readonly NumberMap _packets = new();
    private readonly NumberMap _pictures = new();
    private readonly ViewerRequestLimit _requests = new();
    private readonly ulong _firstIndex;
    private bool _needsStart = true;
    private bool _hasReport;
    private long _packetsBefore;

    /// <summary>Makes a consumer that has sent nothing.</summary>
    internal Consumer(RoomRouter room, ConsumerId id, RoutedTransport transport, Producer producer, ConsumerParameters parameters, ulong seed)
    {
        _room = room;
        Id = id;
        Transport = transport;
        Producer = producer;
        Parameters = parameters;
        Cname = System.Text.Encoding.UTF8.GetBytes(parameters.Cname ?? $"t{producer.Transport.Id.Value}");
        CodecFeedback feedback = CodecFeedback.None;
        foreach (ConsumerCodec codec in parameters.Codecs)
        {
            _formats[codec.ProducerPayloadType & 0x7F] = codec.Viewer;
            feedback |= codec.Viewer.Feedback;
        }

        _firstIndex = transport.FirstIndex(parameters.Ssrc, FirstNumbers.Sequence(seed));
        _mid = System.Text.Encoding.UTF8.GetBytes(parameters.Mid);
        Layers.Shed = room.ShedLimitOf(producer);
        bool takesNack = feedback.HasFlag(CodecFeedback.Nack);
        _repair = takesNack ? new ConsumerRepair(this, seed) : null;
        producer.Consumers.Add(this);
        SentNumbers numbers = transport.TakeNumbers(parameters.Ssrc) ?? new SentNumbers(new OutgoingTimestamps(FirstNumbers.Timestamp(seed)), default, 0, 0);
        _packetsBefore = numbers.PacketCount;
        *Lane = new ConsumerLane
        {
            Ssrc = parameters.Ssrc,
            Slot = transport.Slot,
            SourceType = NoType,
            IsRepeated = takesNack && parameters.RtxSsrc is null,
            Form = new HeaderForm(parameters, writesTransportCc: !takesNack || parameters.RtxSsrc is not null),
            Timestamps = numbers.Timestamps,
            Pictures = numbers.Pictures,
            PacketCount = numbers.PacketCount,
            OctetCount = numbers.OctetCount,
        };
        if (_repair is not null) SetHistory();
    }

    /// <summary>What every packet needs of it, in its producer's table; null once it ended.</summary>
    internal ConsumerLane* Lane { get; set; }

    /// <summary>Its id.</summary>
    internal ConsumerId Id { get; }

    /// <summary>Who gets it.</summary>
    internal RoutedTransport Transport { get; }

    /// <summary>Whose track it is.</summary>
    internal Producer Producer { get; }

    /// <summary>What was negotiated.</summary>
    internal ConsumerParameters Parameters { get; }

    /// <summary>CNAME for source descriptions.</summary>
    internal byte[] Cname { get; }

    /// <summary>What it aims at.</summary>
    internal LayerSelector Layers { get; } = new();

    /// <summary>The stream it forwards; null before the first packet and after the stream went.</summary>
    internal RtpStream? Source { get; private set; }

    /// <summary>Packets sent, without those sent again; with those of earlier consumers of a reserved SSRC.</summary>
    internal long PacketCount => Lane->PacketCount;

    /// <summary>Payload bytes sent.</summary>
    internal long OctetCount => Lane->OctetCount;

    /// <summary>Share of its packets that the viewer lost, from the last receiver report.</summary>
    internal double LossDown { get; private set; }

    /// <summary>One more than the highest index used.</summary>
    internal ulong NextIndex => _packets.IsStarted ? (ulong)Lane->Packets.HighestOutgoing + 1 : _firstIndex;

    /// <summary>The viewer's MID as on the wire.</summary>
    internal ReadOnlySpan<byte> Mid => _mid;

    /// <summary>Packets of <see cref="Source"/> may be sent as they come: nothing is to be begun, to be told or to be left out but upper
    /// temporal layers.</summary>
    internal bool MayFollow => IsWanted && !_needsStart && Source is not null && Layers.IsReached && (_hasReport || !Lane->Form.HasMid);

    /// <summary>Answers NACKs; null when the viewer sends none.</summary>
    internal ConsumerRepair? Repair => _repair;

    /// <summary>Packets sent since the last call, which is a second ago; makes room for as many where they are remembered.</summary>
    internal long TakeSent()
    {
        long sent = PacketCount - _packetsBefore;
        _packetsBefore = PacketCount;
        if (_repair is not null && _repair.TryFit(sent)) SetHistory();
        return sent;
    }

    /// <summary>Takes the bytes of a retransmission from what the viewer may make us send again.</summary>
    internal bool TryTakeRepair(int bytes) => Transport.TryTakeRetransmission(bytes, Producer.Kind, _room.Shedding);

    /// <summary>It ends: whoever uses its SSRCs on this transport again goes on with their numbers.</summary>
    internal void KeepIndices()
    {
        if (Parameters.IsReserved)
            Transport.KeepNumbers(Parameters.Ssrc, new SentNumbers(Lane->Timestamps, Lane->Pictures, Lane->PacketCount, Lane->OctetCount));
        Transport.KeepBytes(Lane->Bytes);
        Transport.KeepIndex(Parameters.Ssrc, NextIndex);
        if (_repair is not null && Parameters.RtxSsrc is { } rtx) Transport.KeepIndex(rtx, _repair.NextRtxIndex);
    }

    private bool IsWanted => Transport.IsConnected && !Layers.Wish.IsPaused && !Producer.IsClosed && !IsHeld;

    /// <summary>The viewer's link or our worker carries nothing of it at the moment.</summary>
    private bool IsHeld => Layers.IsOff || Transport.IsLinkFull && Producer.Kind == MediaKind.Video;

    /// <summary>Encodings that are of use to it now, one bit each: the one it is sent and the one it aims at.</summary>
    internal uint WantedEncodings
    {
        get
        {
            if (!IsWanted) return 0;
            uint wanted = Layers.Target >= 0 ? 1u << Layers.Target : 0;
            return _needsStart || Source is null ? wanted : wanted | 1u << Source.Encoding;
        }
    }

    /// <summary>The viewer's format for a payload type of the producer, or null.</summary>
    internal CodecFormat? Format(byte payloadType) => _formats[payloadType & 0x7F];

    /// <summary>Takes one packet of the producer.</summary>
    internal void OnPacket(in IncomingPacket packet)
    {
        if (!IsWanted) return;
        if (Format(packet.Header.PayloadType) is not { } viewer)
        {
            _room.Counters.Drop(DropReason.UnknownPayloadType);
            OnSkipped(packet.Stream, packet.Index);
            return;
        }

        if (_needsStart || packet.Stream != Source)
        {
            if (!TryStart(packet)) return;
            Route(packet, viewer);
            CatchUp(packet.Stream, packet.Index);
        }
        else
        {
            Route(packet, viewer);
        }
    }

    /// <summary>A packet of a stream was used up before it came here: padding, or nothing a decoder could use.</summary>
    internal void OnSkipped(RtpStream stream, long index)
    {
        // While nothing is sent there are no numbers to leave out: what came before it would look lost.
        if (IsWanted && stream == Source && !_needsStart) _packets.TryLeaveOut(ref Lane->Packets, index);
    }

    /// <summary>A stream of the producer begins with the packet that follows: aims anew, but asks for nothing that may just be coming.</summary>
    internal void OnStreamStarted(MediaTime now)
    {
        Layers.Choose(Producer, now);
        Settle();
    }

    /// <summary>The viewer can be reached, or the track may be sent again: aims anew and begins at the next key frame.</summary>
    internal void Begin(MediaTime now)
    {
        _needsStart = true;
        if (IsWanted && Producer.Kind == MediaKind.Video)
        {
            _room.Counters.KeyFrameRequestsReceived++;
            Layers.Choose(Producer, now);
            if (TryReplay(now)) return;
        }

        Aim(now);
    }

    /// <summary>Chooses the target anew; asks for a key frame when another encoding, or the first one, is to be begun.</summary>
    internal void Aim(MediaTime now)
    {
        Layers.Choose(Producer, now);
        if (IsWanted && Producer.Kind == MediaKind.Video && Layers.Target >= 0
            && Producer.Streams[Layers.Target] is { } target && (_needsStart || target != Source))
            _room.RequestKeyFrame(now, target);
        Settle();
        Report();
    }

    /// <summary>Takes what the viewer wants.</summary>
    internal void SetWish(MediaTime now, in ViewerWish wish)
    {
        bool resumes = Layers.Wish.IsPaused && !wish.IsPaused;
        Layers.Wish = wish;
        if (resumes) Begin(now);
        else Aim(now);
    }

    /// <summary>Takes what the viewer's link carries of this track.</summary>
    internal void SetCap(MediaTime now, in LayerCap cap)
    {
        bool resumes = Layers.Cap.Encoding < 0 && cap.Encoding >= 0;
        Layers.Cap = cap;
        if (resumes) Begin(now);
        else Aim(now);
    }

    /// <summary>Takes what our worker, when it is late, leaves of this track, and aims anew.</summary>
    internal void SetShed(MediaTime now, in ShedLimit limit)
    {
        bool resumes = Layers.Shed.IsOff && !limit.IsOff;
        Layers.Shed = limit;
        if (resumes) Begin(now);
        else Aim(now);
    }

    /// <summary>The producer was muted or unmuted at the server.</summary>
    internal void OnMuteChanged(MediaTime now)
    {
        Settle();
        if (Producer.IsClosed) Report();
        else Begin(now);
    }

    /// <summary>The viewer's link became full, or free again: then video begins anew, since frames were lost.</summary>
    internal void OnLinkChanged(MediaTime now)
    {
        if (Producer.Kind != MediaKind.Video) return;
        Settle();
        if (IsHeld) Report();
        else Begin(now);
    }

    /// <summary>A stream was replaced by another SSRC of the same encoding: what it sent can no longer be read again.</summary>
    internal void OnStreamGone(RtpStream stream)
    {
        _repair?.Forget();
        if (stream != Source) return;
        Source = null;
        _needsStart = true;
        Settle();
    }

    /// <summary>Something of a stream was lost on the way to this worker: what follows is a beginning.</summary>
    internal void OnGap(RtpStream stream)
    {
        if (stream != Source) return;
        _needsStart = true;
        Settle();
    }

    /// <summary>The viewer's decoder waits for a key frame (PLI, FIR).</summary>
    internal void OnKeyFrameRequest(MediaTime now)
    {
        _room.Counters.KeyFrameRequestsReceived++;
        if (!IsWanted || !_requests.TryTake(now)) return;
        if (Source is not null && !_needsStart) _room.RequestKeyFrame(now, Source);
        if (Layers.Target >= 0 && Producer.Streams[Layers.Target] is { } target && target != Source) _room.RequestKeyFrame(now, target);
    }

    /// <summary>A receiver report of the viewer about this SSRC: it knows the section by now.</summary>
    internal void OnReport(in ReportBlock block)
    {
        if (!_hasReport)
        {
            _hasReport = true;
            Settle();
        }

        LossDown = block.FractionLost / 256.0;
    }

    /// <summary>The time stamp of an instant, for a sender report.</summary>
    /// <param name="time">On our wall clock, nanoseconds since the Unix epoch.</param>
    internal RtpTimestamp TimestampAt(long time) => Lane->Timestamps.Outgoing(Source!.Clock.At(time, Producer.Transport.Clock.Value));

    private bool TryStart(in IncomingPacket packet)
    {
        RtpStream stream = packet.Stream;
        if (Producer.Kind == MediaKind.Video)
        {
            if (stream.Encoding != Layers.Target) return false;
            if (!packet.Info.IsKeyFrame)
            {
                _room.RequestKeyFrame(packet.ReceivedAt, stream);
                return false;
            }
        }

        bool isFirst = !_packets.IsStarted;
        if (stream != Source) Lane->Timestamps.Start(packet, Source, Producer.Transport.Clock.Value);
        _packets.Start(ref Lane->Packets, packet.Index, (long)NextIndex);
        Lane->Pictures.Start(_pictures, packet.Picture);
        Layers.OnStart();
        Lane->NewestSource = packet.Header.Timestamp.Add(-1);
        Source = stream;
        _needsStart = false;
        Settle();
        Report();
        if (isFirst) _room.ReportSoon(packet.ReceivedAt, Transport);
        return true;
    }

    /// <summary>Begins with a key frame that came just now, if the ring has it and all that followed: somebody who joins right after
    /// the others sees a picture at once, and the sender is spared a key frame.</summary>
    private bool TryReplay(MediaTime now)
    {
        if (Layers.Target < 0 || Producer.Streams[Layers.Target] is not { KeyFrameIndex: { } from } stream) return false;
        if (stream == Source && from <= Lane->Packets.Highest) return false;    // it was sent before the pause
        int bytes = 0;
        for (long index = from; index <= stream.HighestIndex; index++)
        {
            if (!stream.Ring.TryGet(index, out RingPacket kept))
            {
                if (index == from) return false;
                continue;                                  // lost on the way here: it may still come
            }

            if (index == from && now - kept.ReceivedAt > MaxReplayAge) return false;
            if ((bytes += kept.Length) > MaxReplayBytes) return false;
        }

        if (!stream.Ring.TryGet(from, out RingPacket first) || !TryReadFor(stream, first, out IncomingPacket packet, out CodecFormat? viewer)
            || !TryStart(packet)) return false;
        Route(packet, viewer!);
        CatchUp(stream, from);
        return true;
    }

    /// <summary>What came before the late first packet of a key frame follows it now.</summary>
    private void CatchUp(RtpStream stream, long from)
    {
        for (long index = from + 1; index <= stream.HighestIndex; index++)
            if (stream.Ring.TryGet(index, out RingPacket ring) && TryReadFor(stream, ring, out IncomingPacket packet, out CodecFormat? viewer))
                Route(packet, viewer!);
    }

    private bool TryReadFor(RtpStream stream, in RingPacket ring, out IncomingPacket packet, out CodecFormat? viewer)
    {
        viewer = null;
        packet = default;
        if (!stream.Ring.IsOpen(ring) || !IncomingPacket.TryRead(stream, ring, out packet)) return false;
        viewer = Format(packet.Header.PayloadType);
        return viewer is not null;
    }

    private void Route(in IncomingPacket packet, CodecFormat viewer)
    {
        bool isNewFrame = packet.Header.Timestamp.DistanceFrom(Lane->NewestSource) > 0;
        if (isNewFrame) Lane->NewestSource = packet.Header.Timestamp;
        bool isTaken = Layers.Takes(packet.Info, isNewFrame) || !Lane->Pictures.TryLeaveOut(_pictures, packet.Picture);
        if (isNewFrame) Settle();                          // another temporal layer may have been reached
        WrittenNumbers numbers = default;
        if (isTaken && Lane->Pictures.TryMap(_pictures, packet.Picture, out numbers)) Send(packet, viewer, numbers);
        else LeaveOut(packet, viewer);
    }

    /// <summary>Says which packets need not be looked at one by one; called after each change of what that depends on.</summary>
    private void Settle()
    {
        Lane->Stream = MayFollow ? Source!.Number : 0;
        Lane->Temporal = (byte)Math.Min(Layers.CurrentTemporal, byte.MaxValue);
    }

    private void SetHistory()
    {
        Lane->History = _repair!.History.Places;
        Lane->HistoryMask = (uint)_repair.History.Capacity - 1;
    }

    /// <summary>Leaves a packet out. A late one has a place that the viewer knows of: an empty packet keeps it from asking for more.</summary>
    [SkipLocalsInit]
    private void LeaveOut(in IncomingPacket packet, CodecFormat viewer)
    {
        if (_packets.TryLeaveOut(ref Lane->Packets, packet.Index)) return;
        if (_packets.Map(ref Lane->Packets, packet.Index, out long outgoing) != MappedNumber.Mapped) return;
        Span<byte> own = stackalloc byte[OwnLength];
        HeaderFields fields = Fields(packet, viewer, outgoing) with { Marker = false };
        int length = Lane->Form.Write(own, packet.ReceivedAt, fields, default, default, default, out int transportCcAt);
        Hand(packet, own[..length], length, transportCcAt, packet.Ring.Length, 0, outgoing);
    }

    [SkipLocalsInit]
    private void Send(in IncomingPacket packet, CodecFormat viewer, in WrittenNumbers numbers)
    {
        if (_packets.Map(ref Lane->Packets, packet.Index, out long outgoing) != MappedNumber.Mapped)
        {
            _room.Counters.Drop(DropReason.TooOld);
            return;
        }

        Span<byte> own = stackalloc byte[OwnLength];
        HeaderFields fields = Fields(packet, viewer, outgoing);
        bool withMid = NeedsMid(packet);
        int header = WriteHeader(own, packet, fields, withMid, out int transportCcAt);
        (int at, int length) = PayloadFor(packet, viewer);
        int prefix = CopyPrefix(packet, numbers, own[header..]);
        _repair?.OnSent((ulong)outgoing, packet, fields.Timestamp, numbers, withMid, own[..(header + prefix)]);
        Hand(packet, own[..(header + prefix)], header, transportCcAt, at + prefix, length - prefix, outgoing);
        Lane->Timestamps.OnSent(packet.ReceivedAt, fields.Timestamp);
        Lane->SourceType = at == packet.Payload.At ? packet.Header.PayloadType : NoType;
        Lane->ViewerType = viewer.PayloadType;
    }

    /// <summary>Writes a packet's header for this viewer.</summary>
    internal int WriteHeader(Span<byte> own, in IncomingPacket packet, in HeaderFields fields, bool withMid, out int transportCcAt) =>
        Lane->Form.Write(own, packet.ReceivedAt, fields, packet.Ring.Bytes, packet.Extensions, withMid ? _mid : default, out transportCcAt);

    /// <summary>The viewer is told to which section the SSRC belongs: until it sent a report, and with what a late one would begin with.</summary>
    private bool NeedsMid(in IncomingPacket packet) =>
        Lane->Form.HasMid && (!_hasReport || packet.Info.IsKeyFrame && Producer.Kind == MediaKind.Video);

    private HeaderFields Fields(in IncomingPacket packet, CodecFormat viewer, long outgoing) => new(
        packet.Header.Marker, viewer.PayloadType, new SequenceNumber((ushort)outgoing),
        Lane->Timestamps.Outgoing(packet.Header.Timestamp), Parameters.Ssrc);

    private void Hand(in IncomingPacket packet, ReadOnlySpan<byte> own, int headerLength, int transportCcAt, int payloadAt, int payloadLength, long outgoing)
    {
        Transport.SendRtp(new OutgoingRtp
        {
            Own = own,
            HeaderLength = headerLength,
            TransportCcAt = transportCcAt,
            Payload = packet.Ring.Data + payloadAt,
            PayloadLength = payloadLength,
            Ssrc = Parameters.Ssrc,
            Index = (ulong)outgoing,
            Kind = Producer.Kind,
        });
        packet.Stream.Ring.Pin(packet.Ring);
        int bytes = own.Length + payloadLength;
        Lane->PacketCount++;
        Lane->OctetCount += bytes - headerLength;
        Lane->Bytes += bytes;
        _room.Counters.Sent(Producer.Kind, 1, bytes);
    }

    /// <summary>Where the viewer's payload lies: of RED only the primary block, when the viewer takes Opus.</summary>
    internal static (int At, int Length) PayloadFor(in IncomingPacket packet, CodecFormat viewer)
    {
        ref readonly PayloadView payload = ref packet.Payload;
        int at = packet.Format.Codec == MediaCodec.Red && viewer.Codec != MediaCodec.Red ? payload.PrimaryAt : payload.At;
        return (at, payload.At + payload.Length - at);
    }

    /// <summary>Copies the payload bytes that are this viewer's own; none when its numbers are those of the producer.</summary>
    internal static int CopyPrefix(in IncomingPacket packet, in WrittenNumbers numbers, Span<byte> destination)
    {
        int length = packet.Picture.PrefixLength;
        if (length == 0 || numbers == packet.Picture.Numbers) return 0;
        packet.Ring.Bytes.Slice(packet.Payload.At, length).CopyTo(destination);
        numbers.Apply(packet.Info, destination);
        return length;
    }
}
