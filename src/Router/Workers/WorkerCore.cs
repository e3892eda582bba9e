using Sfu.Media;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Overload;
using Sfu.Router.Pipes;
using Sfu.Router.Rooms;
using Sfu.Router.Transport;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Workers;

/// <summary>The heart of a media worker: its transports and rooms, told the time and given datagrams and commands; does no I/O.</summary>
/// <remarks>
/// Owned by one thread: the <see cref="MediaWorker"/>'s, or a simulation's. A turn is any number of <see cref="OnDatagram"/>,
/// <see cref="OnDeadline"/> and <see cref="Execute"/>, then <see cref="EndTurn"/>. Whatever a peer sends ends in a counter;
/// a broken invariant of a room ends that room, with an event.
/// </remarks>
internal sealed partial class WorkerCore : IDisposable
{
    private const int MaxStunResponse = 256;
    private const int MaxDatagram = 1500;

    private const int PipedPerTurn = 512;                  // 10 ms of a worker's work at most; the sockets come in between

    private const int PictureParts = 800;                  // bytes; no sound is that long

    // An address that carried authenticated packets of one transport this recently is not moved to another by a check:
    // a participant could else spoof a source and cut somebody off.
    private static readonly TimeSpan AddressHold = TimeSpan.FromSeconds(5);

    private readonly WorkerCoreOptions _options;
    private readonly DtlsContext _dtls;
    private readonly IDatagramSink _sink;
    private readonly IWorkerEventSink _events;
    private readonly Func<WallClockAnchor> _anchor;
    private readonly TransportTable _transports;
    private readonly SrtpBatch _batch = SrtpEngine.Best.CreateBatch();
    private readonly PacketOutput _output;
    private readonly DtlsQueue _handshakes = new();
    private readonly SourceRateTable _sources;
    private readonly DeadlineQueue _deadlines = new();
    private readonly DeadlineQueue _wakeUps = new();       // same numbers: when to wake for them, which may be later
    private readonly RoomIndex _index = new();
    private readonly PipeTable _pipes = new();
    private bool _expectsMore;

    /// <summary>Makes a worker without rooms.</summary>
    /// <param name="options">What it is told once.</param>
    /// <param name="dtls">Our certificate and profiles; not owned.</param>
    /// <param name="sink">Where outgoing bytes go; not owned.</param>
    /// <param name="events">Gets what the control plane is told.</param>
    /// <param name="anchor">Says which wall-clock time it is; read when a room is made.</param>
    internal WorkerCore(
        WorkerCoreOptions options, DtlsContext dtls, IDatagramSink sink, IWorkerEventSink events, Func<WallClockAnchor> anchor)
    {
        _options = options;
        _dtls = dtls;
        _sink = sink;
        _events = events;
        _anchor = anchor;
        _transports = new TransportTable(options.Seed, options.Ufrags);
        _sources = new SourceRateTable(options.Seed);
        _output = new PacketOutput(sink, _transports, Counters, _batch);
    }

    /// <summary>What was counted.</summary>
    internal RouterCounters Counters { get; } = new();

    /// <summary>What it sheds; changed by <see cref="SetShedStep"/>.</summary>
    internal Shedding Shedding { get; } = new();

    /// <summary>Commands for ids that were already gone.</summary>
    internal long StaleCommands { get; private set; }

    /// <summary>Live rooms.</summary>
    internal RoomTable Rooms { get; } = new();

    /// <summary>Live transports.</summary>
    internal int TransportCount => _transports.Count;

    /// <summary>Addresses that lead to a transport; at most <see cref="IceLiteAgent.MaxAddresses"/> each.</summary>
    internal int AddressCount => _transports.AddressCount;

    /// <summary>Packets that went through a cipher for the transports that live now: decrypted, encrypted.</summary>
    internal (long Opened, long Sealed) Ciphers
    {
        get
        {
            long opened = 0, sealedCount = 0;
            for (int slot = 0; slot < _transports.SlotCount; slot++)
            {
                opened += _transports[slot]?.Receiver?.Ciphers ?? 0;
                sealedCount += _transports[slot]?.Sender?.Ciphers ?? 0;
            }

            return (opened, sealedCount);
        }
    }

    /// <summary>Longest delay of a wake-up since the value was set to zero.</summary>
    internal TimeSpan LatestDeadline { get; set; }

    /// <summary>When <see cref="OnDeadline"/> wants to be called; the past while handshakes wait for their turn.</summary>
    internal MediaTime NextDeadline => _handshakes.IsEmpty ? _deadlines.Next : MediaTime.Zero;

    /// <summary>When to wake for <see cref="OnDeadline"/> if no packet comes before; not before <see cref="NextDeadline"/>.</summary>
    internal MediaTime WakeAt => _handshakes.IsEmpty ? _wakeUps.Next : MediaTime.Zero;

    /// <summary>True when a transport of this worker has that user name fragment.</summary>
    internal bool HasUfrag(ReadOnlySpan<byte> ufrag) => _transports.FindByUfrag(ufrag) is not null;

    /// <summary>True when the newest long packet since the last call was a part of a picture that has not ended: its other parts are about to
    /// come, and whoever gets several parts at once gets them in one message.</summary>
    internal bool TakeExpectsMore()
    {
        bool expectsMore = _expectsMore;
        _expectsMore = false;
        return expectsMore;
    }

    /// <summary>One datagram; it may be changed in place and is valid during the call.</summary>
    internal void OnDatagram(MediaTime now, in TransportAddress from, Span<byte> datagram)
    {
        if (datagram.Length is < Demultiplexer.MinLength or > Demultiplexer.MaxLength)
        {
            Counters.Drop(datagram.Length < Demultiplexer.MinLength ? DropReason.Truncated : DropReason.TooLong);
            return;
        }

        _output.BeginTurn(now);
        DatagramKind kind = Demultiplexer.Classify(datagram);
        if (kind == DatagramKind.Unknown)
        {
            Counters.Drop(DropReason.UnknownProtocol);
            return;
        }

        if (kind == DatagramKind.Stun)
        {
            OnStun(now, from, datagram);
            return;
        }

        ParticipantTransport? transport = _transports.FindByAddress(from);
        DropReason reason = transport is null ? DropReason.UnknownSource : kind switch
        {
            DatagramKind.Rtp => OnRtp(now, transport, from, datagram),
            DatagramKind.Rtcp => OnRtcp(now, transport, from, datagram),
            _ => OnDtls(now, transport, from, datagram),
        };
        if (reason != DropReason.None) Counters.Drop(reason);
    }

    /// <summary>Runs what is due.</summary>
    internal void OnDeadline(MediaTime now)
    {
        _output.BeginTurn(now);
        while (_deadlines.TryTakeDue(now, out int number, out _))
        {
            TimeSpan late = now - _wakeUps.Of(number);
            if (late > LatestDeadline) LatestDeadline = late;
            int slot = number >> 1;
            if (IsRoomNumber(number)) OnRoomDeadline(now, Rooms[slot]!);
            else OnTransportDeadline(now, _transports[slot]!);
        }
    }

    /// <summary>Something waits in a pipe.</summary>
    internal bool HasPiped => _pipes.HasMore;

    /// <summary>Takes what other workers piped here, up to <see cref="PipedPerTurn"/> records of each.</summary>
    internal void OnPipes(MediaTime now)
    {
        if (_pipes.Reads.Count == 0) return;
        _output.BeginTurn(now);
        for (int i = _pipes.Reads.Count - 1; i >= 0; i--)
        {
            PipeReading reading = _pipes.Reads[i];
            if (reading.Goodbyes.Count > 0) reading.SendGoodbyes();
            for (int n = 0; n < PipedPerTurn && reading.Pipe.Ring.TryRead(out PipeRecord record); n++)
                if (reading.TryFind(record.Channel, out PipeInlet? inlet)) OnPiped(now, inlet, record);
            reading.Pipe.Ring.Release();
        }
    }

    /// <summary>Ends the turn: a bounded number of handshake steps, then everything queued goes to the sink.</summary>
    internal void EndTurn(MediaTime now)
    {
        _output.BeginTurn(now);
        _pipes.Publish();                                  // first, so that the edges work while this worker sends
        for (int step = 0; step < _options.HandshakeStepsPerTurn && !_handshakes.IsEmpty; step++) RunHandshakeStep(now);
        _output.Flush();
        if (TellLinkChanges(now)) _output.Flush();
        foreach (HostedRoom room in Rooms.Touched) SetDeadline(RoomNumber(room), room.Router.NextDeadline, room.Router.WakeAt);
        Rooms.ClearTouched();
    }

    /// <summary>Sheds more or less from now on; the rooms follow at once.</summary>
    internal void SetShedStep(MediaTime now, ShedStep step)
    {
        _output.BeginTurn(now);
        Shedding.Step = step;
        foreach (HostedRoom room in Rooms.All.ToArray())   // one that fails is taken out
        {
            Rooms.Touch(room);
            try
            {
                if (!room.HasFailed) room.Router.OnShedChanged(now);
            }
            catch (Exception error)
            {
                Fail(now, room, error);
            }
        }
    }

    /// <summary>Closes every transport with a close_notify, which leaves with the next <see cref="EndTurn"/>.</summary>
    internal void CloseAll(MediaTime now, TransportCloseReason reason)
    {
        _output.BeginTurn(now);
        foreach (HostedRoom room in Rooms.All.ToArray()) CloseAll(now, room, reason);
        _pipes.CloseAll();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (HostedRoom room in Rooms.All)
        {
            foreach (ParticipantTransport transport in room.Transports) transport.Dispose();
            room.Router.Dispose();
        }

        _pipes.CloseAll();
        _handshakes.Dispose();
        _batch.Dispose();
    }

    private static int TransportNumber(ParticipantTransport transport) => transport.Slot << 1;

    private static int RoomNumber(HostedRoom room) => (room.Slot << 1) | 1;

    private static bool IsRoomNumber(int number) => (number & 1) != 0;

    private void OnStun(MediaTime now, in TransportAddress from, ReadOnlySpan<byte> datagram)
    {
        DropReason reason = FindForCheck(now, from, datagram, out ParticipantTransport? transport);
        if (transport is null)
        {
            Counters.Drop(reason);
            return;
        }

        Span<byte> response = stackalloc byte[MaxStunResponse];
        IceOutcome outcome = transport.Ice.OnStun(now, from, datagram, response, out int length);
        if (length > 0) _output.SendPlain(from, response[..length]);
        if (outcome == IceOutcome.Dropped) Counters.Drop(transport.Ice.LastDrop);
        if (outcome is IceOutcome.Dropped or IceOutcome.Repeated || length == 0) return;    // an indication proves nothing, nor does a copy
        if (transport.Ice.IsValidated(from)) OnValidated(from, transport);
        bool isFirst = transport.OnValidCheck(now, from);
        if (transport.Ufrags.Count > 1 && !transport.Ice.IsRestarting) _transports.KeepNewestUfrag(transport);
        if (isFirst) Schedule(transport);
    }

    private void OnValidated(in TransportAddress from, ParticipantTransport transport)
    {
        if (from.Protocol == TransportProtocol.Tcp) _sink.OnAuthenticated(from);
        if (_transports.FindByAddress(from) == transport) return;
        if (_transports.Bind(from, transport) is { } givenUp) _sink.Close(givenUp);
    }

    /// <summary>The cheap refusals before any HMAC is computed: format, fingerprint, user name, address, rate (in this order).</summary>
    private DropReason FindForCheck(
        MediaTime now, in TransportAddress from, ReadOnlySpan<byte> datagram, out ParticipantTransport? transport)
    {
        transport = null;
        if (!StunMessage.TryGetServerUfrag(datagram, out ReadOnlySpan<byte> ufrag)) return DropReason.StunAuthentication;
        ParticipantTransport? named = _transports.FindByUfrag(ufrag);
        if (named is null) return DropReason.UnknownUfrag;
        ParticipantTransport? owner = _transports.FindByAddress(from);
        if (owner is not null && owner != named && now - owner.LastHeardAt < AddressHold) return DropReason.StunUnexpected;
        if (owner != named && !_sources.TryTake(now, from)) return DropReason.RateLimited;
        transport = named;
        return DropReason.None;
    }

    private DropReason OnDtls(MediaTime now, ParticipantTransport transport, in TransportAddress from, ReadOnlySpan<byte> datagram)
    {
        if (!_handshakes.TryAdd(transport, datagram)) return DropReason.DtlsRefused;
        transport.OnDtlsFrom(now, from);
        return DropReason.None;
    }

    private DropReason OnRtp(MediaTime now, ParticipantTransport transport, in TransportAddress from, Span<byte> datagram)
    {
        if (transport.Receiver is not { } receiver) return DropReason.NoKeys;
        DropReason reason = RtpHeader.Parse(datagram, out RtpHeader header);
        if (reason != DropReason.None) return reason;
        reason = receiver.Unprotect(datagram, header, datagram, out int length);
        if (reason != DropReason.None) return reason;
        if (datagram.Length >= PictureParts) _expectsMore = !header.Marker;
        transport.OnMedia(now, from);
        if (!transport.TryTakeRate(now, isRtcp: false)) return DropReason.RateLimited;     // after the tag: forgeries must not use it up
        HostedRoom room = transport.Room;
        Rooms.Touch(room);
        try
        {
            room.Router.OnRtp(now, transport.Routed, datagram[..length], header);
        }
        catch (Exception error)
        {
            Fail(now, room, error);
        }

        return DropReason.None;
    }

    private DropReason OnRtcp(MediaTime now, ParticipantTransport transport, in TransportAddress from, Span<byte> datagram)
    {
        if (transport.Receiver is not { } receiver) return DropReason.NoKeys;
        DropReason reason = receiver.UnprotectRtcp(datagram, datagram, out int length);
        if (reason != DropReason.None) return reason;
        transport.OnMedia(now, from);
        if (!transport.TryTakeRate(now, isRtcp: true)) return DropReason.RateLimited;
        HostedRoom room = transport.Room;
        Rooms.Touch(room);
        try
        {
            room.Router.OnRtcp(now, transport.Routed, datagram[..length]);
        }
        catch (Exception error)
        {
            Fail(now, room, error);
        }

        return DropReason.None;
    }

    private void OnPiped(MediaTime now, PipeInlet inlet, in PipeRecord record)
    {
        if (Rooms.Find(inlet.Room) is not { HasFailed: false } room) return;
        Rooms.Touch(room);
        try
        {
            inlet.OnRecord(now, record);
        }
        catch (Exception error)
        {
            Fail(now, room, error);
        }
    }

    private void RunHandshakeStep(MediaTime now)
    {
        if (!_handshakes.TryTake(out ParticipantTransport? transport, out ReadOnlySpan<byte> datagram) || transport!.IsClosed) return;
        bool isConnected = transport.OnDtls(now, datagram);
        if (transport.LastDtlsDrop != DropReason.None) Counters.Drop(transport.LastDtlsDrop);
        if (isConnected)
        {
            _events.Post(transport.ToConnectedEvent());
            Connect(now, transport);
            if (transport.IsClosed) return;
        }

        SendDtls(transport);
        if (transport.CloseReasonOfDtls() is { } reason) Close(now, transport, reason);
        else Schedule(transport);
    }

    private void Connect(MediaTime now, ParticipantTransport transport)
    {
        Rooms.Touch(transport.Room);
        try
        {
            transport.Room.Router.OnConnected(now, transport.Routed);
        }
        catch (Exception error)
        {
            Fail(now, transport.Room, error);
        }
    }

    /// <summary>A link that drops video needs whole frames again once it is free; the room sees to that.</summary>
    private bool TellLinkChanges(MediaTime now)
    {
        bool any = false;
        while (_output.TryTakeLinkChange(out ParticipantTransport? transport))
        {
            if (transport.IsClosed) continue;
            any = true;
            HostedRoom room = transport.Room;
            Rooms.Touch(room);
            try
            {
                RoomRouter.OnLinkChanged(now, transport.Routed, transport.IsCongested);
            }
            catch (Exception error)
            {
                Fail(now, room, error);
            }
        }

        return any;
    }

    private void SendDtls(ParticipantTransport transport)
    {
        Span<byte> datagram = stackalloc byte[MaxDatagram];
        while (transport.Dtls.TryTakeOutgoing(datagram, out int length))
            if (transport.HasDestination) _output.SendPlain(transport.Destination, datagram[..length]);
    }

    private void OnTransportDeadline(MediaTime now, ParticipantTransport transport)
    {
        TransportCloseReason? reason = transport.OnDeadline(now);
        SendDtls(transport);
        if (reason is { } closing) Close(now, transport, closing);
        else Schedule(transport);
    }

    private void OnRoomDeadline(MediaTime now, HostedRoom room)
    {
        Rooms.Touch(room);
        try
        {
            room.Router.OnDeadline(now);
        }
        catch (Exception error)
        {
            Fail(now, room, error);
        }
    }

    private void Schedule(ParticipantTransport transport) =>
        SetDeadline(TransportNumber(transport), transport.NextDeadline, transport.NextDeadline);

    private void SetDeadline(int number, MediaTime due, MediaTime wakeAt)
    {
        _deadlines.Set(number, due);
        _wakeUps.Set(number, wakeAt);
    }

    private void Fail(MediaTime now, HostedRoom room, Exception error)
    {
        if (room.HasFailed) return;
        room.HasFailed = true;                             // its router is not to be called any more
        _events.Post(new RoomFailed(room.Id, error.ToString()));
        CloseAll(now, room, TransportCloseReason.Failed);
        if (room.Transports.Count == 0) RemoveRoom(room);
    }

    private void CloseAll(MediaTime now, HostedRoom room, TransportCloseReason reason)
    {
        while (room.Transports.Count > 0) Close(now, room.Transports[^1], reason);
    }

    private void Close(MediaTime now, ParticipantTransport transport, TransportCloseReason reason)
    {
        HostedRoom room = transport.Room;
        transport.Dtls.Close();
        SendDtls(transport);
        _output.Flush();                                   // the queue refers to its slot, and the close_notify goes before its connections
        _transports.Remove(transport);
        foreach (TransportAddress address in transport.Addresses) _sink.Close(address);
        SetDeadline(TransportNumber(transport), MediaTime.Never, MediaTime.Never);
        room.Transports.Remove(transport);
        transport.Dispose();
        _events.Post(new TransportClosed(room.Id, transport.Id, reason));
        if (!room.HasFailed) Detach(now, room, transport);
        if (room.Transports.Count == 0) RemoveRoom(room);
    }

    private void Detach(MediaTime now, HostedRoom room, ParticipantTransport transport)
    {
        Rooms.Touch(room);
        try
        {
            room.Router.RemoveTransport(now, transport.Routed);
        }
        catch (Exception error)
        {
            Fail(now, room, error);
        }
    }

    private void RemoveRoom(HostedRoom room)
    {
        if (Rooms.Find(room.Id) != room) return;           // failed while its last transport was detached
        Rooms.Remove(room);
        SetDeadline(RoomNumber(room), MediaTime.Never, MediaTime.Never);
        room.Router.Dispose();
    }
}
