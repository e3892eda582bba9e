using Sfu.Media;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Consumers;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Pipes;

/// <summary>The edge's end of one channel: makes its producer of what comes through the pipe, and tells the origin what its viewers need.</summary>
/// <remarks>
/// Owned by its producer. Nothing goes to the publisher from here: what is lost, the origin asks for. A layer is asked for at once
/// when a viewer aims at it, and given up when for <see cref="GiveUpAfter"/> nobody did. What the origin's mailbox has no room for is asked again.
/// </remarks>
internal sealed class PipeInlet(RoomRouter room, RoomContext context, Producer producer, PipeChannel channel) : IDisposable
{
    /// <summary>How long a layer still comes that nobody wants: viewers change their minds while windows are moved.</summary>
    internal static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(2);

    private const int MaxEncodings = 32;

    private readonly MediaTime[] _wantedAt = new MediaTime[MaxEncodings];
    private uint _told;                                    // what the origin knows to be wanted, one bit per encoding
    private bool _isOpen;

    /// <summary>The channel.</summary>
    internal PipeChannel Channel { get; } = channel;

    /// <summary>The room at the edge.</summary>
    internal RoomId Room => room.Room;

    private IPipeHost Origin => Channel.Pipe.Origin;

    /// <summary>Asks the origin to begin; again, as long as nothing came.</summary>
    internal void Open()
    {
        if (!_isOpen) Origin.TryPost(new OpenPipe(Channel));
    }

    /// <summary>Takes what came through the pipe.</summary>
    internal void OnRecord(MediaTime now, in PipeRecord record)
    {
        _isOpen = true;
        switch (record.Kind)
        {
            case PipeRecordKind.Packet:
                OnPacket(now, record);
                break;
            case PipeRecordKind.Skipped:
                if (Find(record.Encoding) is { } skipped) Skip(skipped, record.Index);
                break;
            case PipeRecordKind.State:
                OnState(now, record.Flags);
                break;
            case PipeRecordKind.Note:
                OnNote(now, record.Encoding, StreamNote.Read(record.Body));
                break;
            case PipeRecordKind.Update:
                if (Channel.Updates.TryDequeue(out ProducerParameters? parameters)) RoomCommands.Update(now, producer, parameters);
                break;
        }
    }

    /// <summary>A viewer waits for a key frame of an encoding.</summary>
    internal void RequestKeyFrame(MediaTime now, int encoding)
    {
        if (Origin.TryPost(new RequestPipedKeyFrame(Channel, encoding))) _told |= Bit(encoding);
        _wantedAt[encoding & (MaxEncodings - 1)] = now;
    }

    /// <summary>Looks what the viewers want now; called a few times a second.</summary>
    internal void Aim(MediaTime now)
    {
        uint wanted = 0;
        foreach (Consumer consumer in producer.Consumers.All) wanted |= consumer.WantedEncodings;
        for (int i = 0; i < producer.Streams.Length && i < MaxEncodings; i++)
        {
            if ((wanted & Bit(i)) != 0) _wantedAt[i] = now;
            else if ((_told & Bit(i)) != 0 && now - _wantedAt[i] < GiveUpAfter) wanted |= Bit(i);
        }

        if (wanted != _told && Origin.TryPost(new WantPiped(Channel, wanted))) _told = wanted;
    }

    /// <summary>The producer ends here: the origin writes nothing more of it.</summary>
    public void Dispose() => context.Pipes.Remove(this);

    private static uint Bit(int encoding) => 1u << (encoding & (MaxEncodings - 1));

    private void OnPacket(MediaTime now, in PipeRecord record)
    {
        // It was all right at the origin; what became wrong by a negotiation in between is dropped as there.
        ReadOnlySpan<byte> packet = record.Body;
        if (RtpHeader.Parse(packet, out RtpHeader header) != DropReason.None || record.Encoding >= producer.Streams.Length) return;
        CodecFormat? format = producer.Format(header.PayloadType);
        if (format is null)
        {
            context.Counters.Drop(DropReason.UnknownPayloadType);
            return;
        }

        context.Counters.PipePacketsIn[(int)producer.Kind]++;
        RtpStream stream = FindOrMake(now, record.Encoding, header.Ssrc, format.ClockRate);
        stream.Take(record.Index);
        DropReason reason = stream.Arrivals.Accept(record.Index);
        PayloadView payload = default;
        if (reason == DropReason.None) reason = PayloadView.Read(packet, header, format, out payload);
        if (reason != DropReason.None)
        {
            context.Counters.Drop(reason);
            return;
        }

        if ((record.Flags & PipeFlags.Resumes) != 0)
            foreach (Consumer consumer in producer.Consumers.All) consumer.OnGap(stream);
        ExtensionValues extensions = ExtensionValues.Read(packet, header, producer.Parameters.Extensions);
        packet.CopyTo(stream.Ring.Reserve(new MediaTime(record.Time), packet.Length));
        room.Incoming.Route(now, new IncomingPacket(stream, stream.Ring.Commit(record.Index, packet.Length), header, format, extensions, payload));
    }

    private void Skip(RtpStream stream, long index)
    {
        stream.Take(index);
        foreach (Consumer consumer in producer.Consumers.All) consumer.OnSkipped(stream, index);
    }

    private void OnState(MediaTime now, PipeFlags flags)
    {
        bool isMuted = (flags & PipeFlags.Muted) != 0, isUnrecorded = (flags & PipeFlags.Unrecorded) != 0;
        if (isMuted != producer.IsMuted) RoomCommands.SetMuted(now, producer, isMuted);
        RoomCommands.SetUnrecorded(now, producer, isUnrecorded);
    }

    private void OnNote(MediaTime now, int encoding, in StreamNote note)
    {
        if (encoding >= producer.Streams.Length) return;
        bool isNew = Find(encoding) is not { } known || known.Ssrc.Value != note.Ssrc;
        RtpStream stream = FindOrMake(now, encoding, new Ssrc(note.Ssrc), note.ClockRate);
        stream.Clock.Mirror(note.Clock);
        producer.Transport.Clock.Mirror(note.SenderOffset);
        stream.Activity.Mirror(note.Activity);
        if (!isNew) return;
        foreach (Consumer consumer in producer.Consumers.All) consumer.Aim(now);
    }

    private RtpStream? Find(int encoding) => encoding < producer.Streams.Length ? producer.Streams[encoding] : null;

    private RtpStream FindOrMake(MediaTime now, int encoding, Ssrc ssrc, int clockRate)
    {
        if (producer.Streams[encoding] is { } known && known.Ssrc == ssrc) return known;
        var stream = new RtpStream(now, room.NextStreamNumber(), producer, encoding, ssrc, clockRate, asksAgain: false, context.Output);
        if (producer.Replace(encoding, stream) is { } former) RoomRouter.Retire(now, former);
        room.OnStreamStarted(now, stream);
        return stream;
    }
}
