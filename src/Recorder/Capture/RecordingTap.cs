using System.Buffers.Binary;
using Sfu.Media.Buffers;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Capture;

/// <summary>Copies what one track receives into its worker's ring.</summary>
/// <remarks>The tap's calls come on the media worker's thread, which owns the ring's writing end; the gate and the counts are for any
/// thread. Nothing here allocates, locks or waits. A closed gate copies no byte of a packet, only counts it. What belongs to the time when it was
/// closed and comes later is kept out too.</remarks>
public sealed class RecordingTap : IPacketTap
{
    private const int MaxStreams = 64;
    private const int MinPacket = 12;

    private readonly CaptureRing _ring;
    private readonly int _id;
    private readonly TapStream[] _streams = new TapStream[MaxStreams];
    private int _last;
    private long _uses;
    private long _refused;
    private long _gate;
    private MediaReach _reach;

    internal RecordingTap(CaptureRing ring, int id, Guid recording, uint track, TapGate gate, IReadOnlyList<TrackFormat>? formats = null)
    {
        (_ring, _id, Recording, Track) = (ring, id, recording, track);
        _gate = GateSwitch.Always(gate).Pack();
        _reach = new MediaReach(formats ?? []);
    }

    /// <summary>Its number in the ring.</summary>
    internal int Id => _id;

    /// <summary>The recording.</summary>
    public Guid Recording { get; }

    /// <summary>The track's number in it.</summary>
    public uint Track { get; }

    /// <summary>Whether it copies; any thread. Setting it is for at once: a packet that the worker takes after the gate was closed is not copied.</summary>
    public TapGate Gate
    {
        get => Switch.After;
        set => Switch = GateSwitch.Always(value);
    }

    /// <summary>Whether it copies, and from when on; any thread. A change that is set before its time comes is exact to the packet.</summary>
    public GateSwitch Switch
    {
        get => GateSwitch.Unpack(Volatile.Read(ref _gate));
        set => Volatile.Write(ref _gate, value.Pack());
    }

    /// <summary>Takes the track's payload types, when they became others; any thread.</summary>
    internal void Learn(IReadOnlyList<TrackFormat> formats) => Volatile.Write(ref _reach, new MediaReach(formats));

    /// <summary>Packets, reports and receipts that found no room in the ring; any thread. Each is a hole in the recording.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <inheritdoc/>
    public bool OnRtp(MediaTime receivedAt, ReadOnlySpan<byte> packet, bool isRepaired)
    {
        if (packet.Length is < MinPacket or > JournalRecord.MaxPayload) return Refuse();
        ref TapStream stream = ref Find(BinaryPrimitives.ReadUInt32BigEndian(packet[8..]));
        uint number = stream.Extend(BinaryPrimitives.ReadUInt16BigEndian(packet[2..]));
        TapGate gate = Judge(receivedAt, packet, ref stream, number, isRepaired);
        if (stream.WithheldBy != TapGate.Open && stream.WithheldBy != gate) ReportWithheld(receivedAt, ref stream);
        if (gate != TapGate.Open)
        {
            stream.Withhold(receivedAt, number, gate);
            return true;
        }

        RingEntry entry = Entry(RingEntryKind.Rtp, receivedAt, stream.Ssrc);
        entry.Number = number;
        entry.Marks = isRepaired ? RecordMarks.RepairedByRtx : RecordMarks.None;
        return _ring.TryWrite(ref entry, packet) || Refuse();
    }

    /// <inheritdoc/>
    public void OnMuteChanged(MediaTime at, bool isMuted) => Write(Entry(isMuted ? RingEntryKind.Muted : RingEntryKind.Unmuted, at, 0), []);

    /// <inheritdoc/>
    public void OnSenderReport(MediaTime receivedAt, Ssrc ssrc, ReadOnlySpan<byte> packet)
    {
        if (Switch.For(receivedAt) == TapGate.Open && packet.Length <= JournalRecord.MaxPayload) Write(Entry(RingEntryKind.SenderReport, receivedAt, ssrc.Value), packet);
    }

    /// <inheritdoc/>
    public void OnReceipt(MediaTime at, Ssrc ssrc, long packets)
    {
        ref TapStream stream = ref Find(ssrc.Value);
        if (stream.WithheldBy != TapGate.Open) ReportWithheld(at, ref stream);
        RingEntry entry = Entry(RingEntryKind.Receipt, at, ssrc.Value);
        entry.Value = stream.Received(packets);
        Write(entry, []);
    }

    private TapGate Judge(MediaTime receivedAt, ReadOnlySpan<byte> packet, ref TapStream stream, uint number, bool isRepaired)
    {
        TapGate gate = Switch.For(receivedAt);
        if (gate != TapGate.Open) stream.Masked.Mask(number, BinaryPrimitives.ReadUInt32BigEndian(packet[4..]), gate);
        else if (stream.Masked.IsWatched)
        {
            Volatile.Read(ref _reach).Oldest(packet, out uint oldest);
            gate = stream.Masked.Judge(receivedAt, number, oldest, isRepaired);
        }

        return gate;
    }

    private void ReportWithheld(MediaTime at, ref TapStream stream)
    {
        RingEntry entry = Entry(RingEntryKind.Withheld, at, stream.Ssrc);
        (entry.From, entry.To) = (stream.WithheldSince.Nanoseconds, stream.WithheldUntil.Nanoseconds);
        (entry.Number, entry.Value, entry.Gate) = (stream.WithheldFirst, stream.WithheldLast, stream.WithheldBy);
        if (_ring.TryWrite(ref entry, [])) stream.WithheldBy = TapGate.Open;       // else the next one tells it
    }

    private RingEntry Entry(RingEntryKind kind, MediaTime at, uint ssrc) => new() { Kind = kind, Tap = _id, Mono = at.Nanoseconds, Ssrc = ssrc };

    private void Write(RingEntry entry, ReadOnlySpan<byte> payload)
    {
        if (!_ring.TryWrite(ref entry, payload)) Refuse();
    }

    private bool Refuse()
    {
        Volatile.Write(ref _refused, _refused + 1);            // one writer
        return false;
    }

    /// <summary>The place of a stream; of more than there are places the one unused for longest is given away.</summary>
    private ref TapStream Find(uint ssrc)
    {
        ref TapStream stream = ref _streams[_last];
        if (stream.Ssrc != ssrc || stream.LastUse == 0)
        {
            _last = IndexOf(ssrc);
            stream = ref _streams[_last];
            if (stream.Ssrc != ssrc || stream.LastUse == 0) stream = new TapStream { Ssrc = ssrc };
        }

        stream.LastUse = ++_uses;
        return ref stream;
    }

    private int IndexOf(uint ssrc)
    {
        int oldest = 0;
        for (int i = 0; i < _streams.Length; i++)
        {
            if (_streams[i].LastUse != 0 && _streams[i].Ssrc == ssrc) return i;
            if (_streams[i].LastUse < _streams[oldest].LastUse) oldest = i;
        }

        return oldest;
    }
}
