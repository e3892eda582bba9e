using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;

namespace Sfu.Router.Pipes;

/// <summary>The origin's end of one channel: writes what the edge wants of a producer into the pipe.</summary>
/// <remarks>
/// Owned by its producer. It comes after taps, mutes and the recorder's lease, so what may not reach viewers does not enter the pipe. A state
/// that found no room is written before anything else of the producer. Video that found no room goes on with a key frame, which is asked for.
/// </remarks>
internal sealed class PipeOutlet(RoomRouter room, Producer producer, PipeChannel channel)
{
    private const int MaxReplayBytes = 128 * 1024;
    private static readonly TimeSpan MaxReplayAge = KeyFrames.KeyFrameRequester.MinInterval;

    private uint _wanted = producer.Kind == MediaKind.Audio ? uint.MaxValue : 0;    // one bit per encoding
    private uint _waiting;                                 // wanted, and nothing of it flows before its next key frame
    private uint _broken;                                  // of these, the ones of which something was lost
    private int _updatesDue;
    private bool _isStateDue;

    /// <summary>The channel.</summary>
    internal PipeChannel Channel { get; } = channel;

    private PipeRing Ring => Channel.Pipe.Ring;

    /// <summary>The edge is there: tells it all that is known. It may ask again when it heard nothing.</summary>
    internal void Begin()
    {
        OnUpdated();
        OnStateChanged();
        foreach (RtpStream? stream in producer.Streams)
            if (stream is not null) Note(stream);
    }

    /// <summary>The edge's viewers want other encodings; one bit each.</summary>
    internal void Want(MediaTime now, uint encodings)
    {
        uint raised = encodings & ~_wanted;
        _wanted = encodings;
        _waiting &= encodings;
        for (int i = 0; raised != 0 && i < producer.Streams.Length; i++)
            if ((raised & Bit(i)) != 0) Raise(now, i);
    }

    /// <summary>A viewer of the edge waits for a key frame of an encoding, which is wanted by that.</summary>
    internal void OnKeyFrameRequest(MediaTime now, int encoding)
    {
        if (encoding >= producer.Streams.Length) return;
        if ((_wanted & Bit(encoding)) == 0) Raise(now, encoding);
        else if (producer.Streams[encoding] is { } stream) room.RequestKeyFrame(now, stream);
    }

    /// <summary>Takes one packet that may be forwarded.</summary>
    internal void OnPacket(in IncomingPacket packet)
    {
        uint bit = Bit(packet.Stream.Encoding);
        if ((_wanted & bit) == 0) return;
        if ((_waiting & bit) == 0)
        {
            Send(packet.Ring, packet.Stream, PipeFlags.None);
            return;
        }

        if (!packet.Info.IsKeyFrame)
        {
            if ((_broken & bit) != 0) CountLost();
            room.RequestKeyFrame(packet.ReceivedAt, packet.Stream);
            return;
        }

        _waiting &= ~bit;
        _broken &= ~bit;
        if (Send(packet.Ring, packet.Stream, PipeFlags.Resumes)) Follow(packet.Stream, packet.Index);
    }

    /// <summary>A number of a stream was used up by something that no viewer is sent.</summary>
    internal void OnSkipped(RtpStream stream, long index)
    {
        uint bit = Bit(stream.Encoding);
        if ((_wanted & bit) == 0 || (_waiting & bit) != 0 || producer.IsClosed || !TryCatchUp()) return;
        Ring.TryWrite(new PipeRecord { Kind = PipeRecordKind.Skipped, Channel = Channel.Edge.Value, Encoding = (byte)stream.Encoding, Index = index });
    }

    /// <summary>The server lets the producer through or not; it has been noted there already.</summary>
    internal void OnStateChanged()
    {
        _isStateDue = true;
        TryCatchUp();
    }

    /// <summary>The producer was negotiated anew.</summary>
    internal void OnUpdated()
    {
        Channel.Updates.Enqueue(producer.Parameters);
        _updatesDue++;
        TryCatchUp();
    }

    /// <summary>Tells what is known of a stream; the next note makes up for one that found no room.</summary>
    internal void Note(RtpStream stream)
    {
        if (!TryCatchUp()) return;
        StreamNote note = StreamNote.Of(stream);
        Ring.TryWrite(new PipeRecord
        {
            Kind = PipeRecordKind.Note,
            Channel = Channel.Edge.Value,
            Encoding = (byte)stream.Encoding,
            Body = StreamNote.Bytes(note),
        });
    }

    /// <summary>Writes what found no room before; false while it finds none.</summary>
    internal bool TryCatchUp()
    {
        while (_updatesDue > 0)
        {
            if (!Ring.TryWrite(new PipeRecord { Kind = PipeRecordKind.Update, Channel = Channel.Edge.Value })) return false;
            _updatesDue--;
        }

        if (!_isStateDue) return true;
        PipeFlags flags = (producer.IsMuted ? PipeFlags.Muted : PipeFlags.None) | (producer.IsUnrecorded ? PipeFlags.Unrecorded : PipeFlags.None);
        _isStateDue = !Ring.TryWrite(new PipeRecord
        {
            Kind = PipeRecordKind.State,
            Channel = Channel.Edge.Value,
            Flags = flags,
        });
        return !_isStateDue;
    }

    private static uint Bit(int encoding) => 1u << (encoding & 31);

    private void Raise(MediaTime now, int encoding)
    {
        _wanted |= Bit(encoding);
        _waiting |= Bit(encoding);
        if (producer.Streams[encoding] is not { } stream) return;
        Note(stream);
        if (!TryReplay(now, stream)) room.RequestKeyFrame(now, stream);
    }

    /// <summary>A key frame that came just now serves the edge as well, if the ring has it and all that followed.</summary>
    private bool TryReplay(MediaTime now, RtpStream stream)
    {
        if (producer.IsClosed || stream.KeyFrameIndex is not { } from || !TryGet(stream, from, out RingPacket first)) return false;
        if (now - first.ReceivedAt > MaxReplayAge) return false;
        int bytes = 0;
        for (long index = from; index <= stream.HighestIndex; index++)
            if (TryGet(stream, index, out RingPacket kept) && (bytes += kept.Length) > MaxReplayBytes) return false;
        _waiting &= ~Bit(stream.Encoding);
        _broken &= ~Bit(stream.Encoding);
        if (Send(first, stream, PipeFlags.Resumes)) Follow(stream, from);
        return true;
    }

    /// <summary>What came before the first packet of a key frame and belongs behind it follows it.</summary>
    private void Follow(RtpStream stream, long from)
    {
        for (long index = from + 1; index <= stream.HighestIndex; index++)
            if (TryGet(stream, index, out RingPacket packet) && !Send(packet, stream, PipeFlags.None)) return;
    }

    /// <summary>A packet of the ring that may be sent: what was received while the producer was closed never is.</summary>
    private static bool TryGet(RtpStream stream, long index, out RingPacket packet) =>
        stream.Ring.TryGet(index, out packet) && stream.Ring.IsOpen(packet);

    private bool Send(in RingPacket packet, RtpStream stream, PipeFlags flags)
    {
        bool isSent = TryCatchUp() && Ring.TryWrite(new PipeRecord
        {
            Kind = PipeRecordKind.Packet,
            Channel = Channel.Edge.Value,
            Encoding = (byte)stream.Encoding,
            Flags = flags,
            Time = packet.ReceivedAt.Nanoseconds,
            Index = packet.Index,
            Body = packet.Bytes,
        });
        if (isSent)
        {
            room.Counters.PipePacketsOut[(int)producer.Kind]++;
            return true;
        }

        if (Ring.IsWriterClosed) return false;             // nobody is there any more: nothing is lost
        CountLost();
        if (producer.Kind != MediaKind.Video) return false;
        _waiting |= Bit(stream.Encoding);
        _broken |= Bit(stream.Encoding);
        room.RequestKeyFrame(packet.ReceivedAt, stream);
        return false;
    }

    private void CountLost() => room.Counters.PipeLost++;
}
