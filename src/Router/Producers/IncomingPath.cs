using System.Runtime.InteropServices;
using Sfu.Media;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Consumers;
using Sfu.Router.Pipes;
using Sfu.Router.Rooms;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Producers;

/// <summary>What happens to each RTP packet of a room, step by step: find its stream, undo RTX, count, keep, tap, forward.</summary>
/// <remarks>Owned by its room; no allocation per packet.</remarks>
internal sealed class IncomingPath(RoomRouter room, RoomContext context)
{
    private const byte LevelMask = 0x7F;                   // the top bit says "voice" (RFC 6464)

    /// <summary>Gives packets to consumers.</summary>
    internal FanOut FanOut { get; } = new(context);

    /// <summary>Takes one plain packet; it is changed in place when RTX is undone.</summary>
    internal void OnRtp(MediaTime now, RoutedTransport from, Span<byte> plain, in RtpHeader header)
    {
        from.BytesReceived += plain.Length;
        if (!from.Ssrcs.TryFind(header.Ssrc, out SsrcBinding binding))
        {
            DropReason unknown = TryBind(now, from, plain, header, out binding);
            if (unknown != DropReason.None)
            {
                context.Counters.Drop(unknown);
                return;
            }
        }

        Producer producer = binding.Stream.Producer;
        context.Counters.Received(producer.Kind, plain.Length);
        ExtensionValues extensions = ExtensionValues.Read(plain, header, producer.Parameters.Extensions);
        if (extensions.HasTransportCc)
        {
            from.TransportCc.OnPacket(now, extensions.TransportCc);
            room.WakeSoon(from, from.TransportCc.NextDeadline);
        }

        DropReason reason = binding.IsRtx
            ? OnRepair(now, binding.Stream, plain, header, extensions)
            : OnStream(now, binding.Stream, plain, header, extensions, isRepaired: false);
        if (reason != DropReason.None) context.Counters.Drop(reason);
    }

    private DropReason OnRepair(MediaTime now, RtpStream stream, Span<byte> plain, in RtpHeader header, in ExtensionValues extensions)
    {
        if (stream.Producer.RepairedFormat(header.PayloadType) is not { } format) return DropReason.UnknownPayloadType;
        if (!stream.IsStarted) return DropReason.RtxWithoutOriginal;
        DropReason reason = RtxPacket.Undo(plain, header, format.PayloadType, stream.Ssrc, out Span<byte> restored);
        if (reason != DropReason.None) return reason;
        reason = RtpHeader.Parse(restored, out RtpHeader original);
        return reason != DropReason.None ? reason : OnStream(now, stream, restored, original, extensions, isRepaired: true);
    }

    private DropReason OnStream(
        MediaTime now, RtpStream stream, ReadOnlySpan<byte> packet, in RtpHeader header, in ExtensionValues extensions, bool isRepaired)
    {
        long index = stream.Unwrap(header.SequenceNumber);
        DropReason reason = stream.Arrivals.Accept(index);
        if (!isRepaired) stream.Statistics.OnPacket(now, index, header.Timestamp);
        if (reason != DropReason.None) return reason;
        OnNumber(now, stream, index);
        stream.Received++;
        bool isOpen = stream.Producer.OfferToTaps(now, packet, isRepaired);
        if (isOpen == stream.Producer.IsUnrecorded) RoomCommands.SetUnrecorded(now, stream.Producer, !isOpen);
        CodecFormat? format = stream.Producer.Format(header.PayloadType);
        PayloadView payload = default;
        reason = format is null ? DropReason.UnknownPayloadType : PayloadView.Read(packet, header, format, out payload);
        if (reason != DropReason.None || payload.Length == 0)
        {
            Skip(stream, index);
            return reason;
        }

        if (!stream.Gate.Admits(now, stream, packet.Length, header.Timestamp, payload.Info)) return OnRefused(now, stream, index);
        packet.CopyTo(stream.Ring.Reserve(now, packet.Length));
        Route(now, new IncomingPacket(stream, stream.Ring.Commit(index, packet.Length), header, format!, extensions, payload));
        return DropReason.None;
    }

    /// <summary>Looks for what is missing before this packet.</summary>
    private void OnNumber(MediaTime now, RtpStream stream, long index)
    {
        if (stream.Nack is not { } nack) return;
        nack.OnPacket(now, index);
        room.Wake(stream.Producer.Transport, nack.NextDeadline);
        if (nack.TakeGivenUp() && stream.Producer.Kind == MediaKind.Video) room.RequestKeyFrame(now, stream);
    }

    /// <summary>More than the participant may send: video goes on with a key frame, which is asked for now and fits later.</summary>
    private DropReason OnRefused(MediaTime now, RtpStream stream, long index)
    {
        Skip(stream, index);
        if (stream.Producer.Kind == MediaKind.Video && stream.Producer.Consumers.Count + stream.Producer.Outlets.Count > 0) room.RequestKeyFrame(now, stream);
        return DropReason.RateLimited;
    }

    private static void Skip(RtpStream stream, long index)
    {
        foreach (Consumer consumer in stream.Producer.Consumers.All) consumer.OnSkipped(stream, index);
        foreach (PipeOutlet outlet in CollectionsMarshal.AsSpan(stream.Producer.Outlets)) outlet.OnSkipped(stream, index);
    }

    /// <summary>Forwards one packet that lies in its ring: one that came in here, or through a pipe.</summary>
    internal void Route(MediaTime now, in IncomingPacket packet)
    {
        RtpStream stream = packet.Stream;
        Producer producer = stream.Producer;
        stream.Activity.OnPacket(now, packet.Ring.Length, packet.Header.Timestamp, packet.Info);
        stream.Clock.OnPacket(context.WallClock.ToUnixNanoseconds(now), packet.Header.Timestamp);
        if (packet.Info.IsKeyFrame && producer.Kind == MediaKind.Video) stream.OnKeyFrame(packet.Index, packet.Header.Timestamp);
        if (producer.IsMuted)
        {
            context.Counters.Drop(DropReason.Muted);
            return;
        }

        if (producer.IsUnrecorded)
        {
            context.Counters.Drop(DropReason.NotRecorded);
            return;
        }

        if (packet.Extensions.HasAudioLevel) producer.Speaker?.OnLevel(now, (byte)(packet.Extensions.AudioLevel & LevelMask));
        FanOut.Forward(packet);
        foreach (PipeOutlet outlet in CollectionsMarshal.AsSpan(producer.Outlets)) outlet.OnPacket(packet);
    }

    private DropReason TryBind(MediaTime now, RoutedTransport from, ReadOnlySpan<byte> plain, in RtpHeader header, out SsrcBinding binding)
    {
        binding = default;
        DropReason reason = StreamLearner.TryPlace(from, plain, header, out StreamPlace place);
        if (reason != DropReason.None) return reason;
        if (place.IsRtx)
        {
            if (place.Producer.Streams[place.Encoding] is not { } repaired) return DropReason.RtxWithoutOriginal;
            binding = new SsrcBinding(repaired, IsRtx: true);
            return from.Ssrcs.TrySet(header.Ssrc, binding) ? DropReason.None : DropReason.TooManySsrcs;
        }

        var stream = new RtpStream(now, room.NextStreamNumber(), place.Producer, place.Encoding, header.Ssrc, place.Format, context.Output);
        binding = new SsrcBinding(stream, IsRtx: false);
        if (!from.Ssrcs.TrySet(header.Ssrc, binding))
        {
            stream.Dispose();
            return DropReason.TooManySsrcs;
        }

        if (place.Producer.Replace(place.Encoding, stream) is { } former) RoomRouter.Retire(now, former);
        place.Producer.GiveReceipt(now, stream);
        context.Events.Post(new ProducerActive(room.Room, place.Producer.Id, place.Producer.Parameters.Encodings[place.Encoding].Rid, header.Ssrc));
        room.OnStreamStarted(now, stream);
        return DropReason.None;
    }
}
