using System.Runtime.CompilerServices;
using Sfu.Media;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Native;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Transport;

/// <summary>One participant's connection: ICE-lite, DTLS server and SRTP, told the time, doing no I/O.</summary>
/// <remarks>Owned by one media worker. The address we send to changes only when a check with a valid tag nominates another one
/// (RTP and DTLS never move it); until the first nomination DTLS is answered where it came from, which is a validated address too.</remarks>
internal sealed class ParticipantTransport : IDisposable
{
    private const int PacketsPerSecond = 3000;
    private const int RtcpPerSecond = 300;

    private readonly TransportTimeouts _timeouts;
    private readonly MediaTime _openedAt;
    private MediaTime _firstCheckAt = MediaTime.Never;
    private MediaTime _firstHelloAt = MediaTime.Never;
    private MediaTime _lastHeardAt;
    private bool _isNominated;
    private SrtpKeys? _keys;
    private long _rateSecond;
    private int _rtpThisSecond;
    private int _rtcpThisSecond;
    private SendState _send;

    /// <summary>Opens a transport that waits for checks.</summary>
    internal ParticipantTransport(
        int slot, HostedRoom room, TransportId id, IceLiteAgent ice, DtlsTransport dtls, TransportTimeouts timeouts, MediaTime now)
    {
        Slot = slot;
        Room = room;
        Id = id;
        Ice = ice;
        Dtls = dtls;
        _timeouts = timeouts;
        _openedAt = now;
        Routed = room.Router.AddTransport(now, id, slot);
    }

    /// <summary>Its number on the worker while it lives.</summary>
    internal int Slot { get; }

    /// <summary>Its room.</summary>
    internal HostedRoom Room { get; }

    /// <summary>Its id for the control plane.</summary>
    internal TransportId Id { get; }

    /// <summary>What the room knows of it.</summary>
    internal RoutedTransport Routed { get; }

    /// <summary>Answers checks.</summary>
    internal IceLiteAgent Ice { get; }

    /// <summary>The handshake and the closing of the connection.</summary>
    internal DtlsTransport Dtls { get; }

    /// <summary>Our user name fragments: the current one and, during a restart, the one before.</summary>
    internal List<string> Ufrags { get; } = [];

    /// <summary>Validated addresses that lead here; at most <see cref="IceLiteAgent.MaxAddresses"/>.</summary>
    internal List<TransportAddress> Addresses { get; } = new(IceLiteAgent.MaxAddresses + 1);

    /// <summary>Why the last DTLS datagram was not used.</summary>
    internal DropReason LastDtlsDrop { get; private set; }

    /// <summary>Datagrams of this transport in the <see cref="DtlsQueue"/>.</summary>
    internal int QueuedDtls { get; set; }

    /// <summary>Removed from the worker; what still refers to it is to be ignored.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Decrypts, once the handshake is done.</summary>
    internal SrtpReceiver? Receiver { get; private set; }

    /// <summary>Encrypts, once the handshake is done.</summary>
    internal SrtpSender? Sender => _send.Sender;

    /// <summary>Bytes the SRTP tag adds to an RTP packet.</summary>
    internal int TagLength => _send.TagLength;

    /// <summary>There is an address to send to.</summary>
    internal bool HasDestination => _send.HasDestination;

    /// <summary>Where to send; meaningful when <see cref="HasDestination"/>.</summary>
    internal ref readonly TransportAddress Destination => ref _send.Destination;

    /// <summary>When something authenticated came last.</summary>
    internal MediaTime LastHeardAt => _lastHeardAt;

    /// <summary>Video is being dropped until the link takes it again.</summary>
    internal bool IsCongested
    {
        get => _send.IsCongested;
        set => _send.IsCongested = value;
    }

    /// <summary>When <see cref="OnDeadline"/> wants to be called; early calls do no harm.</summary>
    internal MediaTime NextDeadline
    {
        get
        {
            MediaTime silence = _firstCheckAt.IsNever ? _openedAt + _timeouts.Ice : _lastHeardAt + _timeouts.Participant;
            MediaTime handshake = Sender is null && !_firstCheckAt.IsNever ? _firstCheckAt + _timeouts.Dtls : MediaTime.Never;
            return MediaTime.Min(Dtls.NextDeadline, MediaTime.Min(silence, handshake));
        }
    }

    /// <summary>True while media may leave: keys, an address, and consent not older than 30 s (RFC 7675).</summary>
    internal bool MaySend(MediaTime now) => _send.Sender is not null && _send.HasDestination && now - _send.LastConsentAt <= TransportTimeouts.Consent;

    /// <summary>The next transport-cc number, in the order in which packets really leave.</summary>
    internal ushort TakeTransportCcNumber() => _send.TransportCcNumber++;

    /// <summary>Tells the processor that this transport is about to send: fetches what that needs of it.</summary>
    internal unsafe void Prefetch() => CacheHint.Fetch(Unsafe.AsPointer(ref _send), Unsafe.SizeOf<SendState>());

    /// <summary>A check with a valid tag came in.</summary>
    /// <returns>True for the first one: from now on the deadlines are others.</returns>
    internal bool OnValidCheck(MediaTime now, in TransportAddress from)
    {
        bool isFirst = _firstCheckAt.IsNever;
        if (isFirst) _firstCheckAt = now;
        if (Ice.Selected is { } selected)
        {
            _isNominated = true;
            SetDestination(now, selected);
        }

        OnHeard(now, from);
        return isFirst;
    }

    /// <summary>One DTLS datagram from a validated address.</summary>
    /// <returns>True when the keys are there now and were not before.</returns>
    internal bool OnDtls(MediaTime now, ReadOnlySpan<byte> datagram)
    {
        if (_firstHelloAt.IsNever) _firstHelloAt = now;
        LastDtlsDrop = Dtls.OnDatagram(now, datagram);
        if (Dtls.State != DtlsState.Connected || Sender is not null) return false;
        _keys = Dtls.TakeKeys();
        Receiver = new SrtpReceiver(_keys);
        _send.Sender = new SrtpSender(_keys);
        _send.TagLength = SrtpLimits.TagLength(Dtls.Profile);
        ConnectedAt = now;
        return true;
    }

    /// <summary>DTLS came from a validated address; before any nomination that is where to answer.</summary>
    internal void OnDtlsFrom(MediaTime now, in TransportAddress from)
    {
        if (!_isNominated) SetDestination(now, from);
    }

    /// <summary>An authenticated packet came from a validated address.</summary>
    internal void OnHeard(MediaTime now, in TransportAddress from)
    {
        _lastHeardAt = now;
        if (_send.HasDestination && from == _send.Destination) _send.LastConsentAt = now;
    }

    /// <summary>Media with a valid tag came from a validated address: the client has its keys.</summary>
    internal void OnMedia(MediaTime now, in TransportAddress from)
    {
        OnHeard(now, from);
        Ice.OnTraffic(now, from);
        Dtls.OnPeerReady();
    }

    /// <summary>Takes one packet of what a participant may send per second.</summary>
    internal bool TryTakeRate(MediaTime now, bool isRtcp)
    {
        long second = now.Nanoseconds / 1_000_000_000;
        if (second != _rateSecond)
        {
            _rateSecond = second;
            _rtpThisSecond = _rtcpThisSecond = 0;
        }

        return isRtcp ? ++_rtcpThisSecond <= RtcpPerSecond : ++_rtpThisSecond <= PacketsPerSecond;
    }

    /// <summary>Runs what is due.</summary>
    /// <returns>Why the transport is to be closed, or null when it lives on.</returns>
    internal TransportCloseReason? OnDeadline(MediaTime now)
    {
        if (Dtls.NextDeadline <= now) Dtls.OnDeadline(now);
        if (_firstCheckAt.IsNever) return now >= _openedAt + _timeouts.Ice ? TransportCloseReason.IceTimeout : null;
        if (now >= _lastHeardAt + _timeouts.Participant) return TransportCloseReason.Timeout;
        return Sender is null && now >= _firstCheckAt + _timeouts.Dtls ? TransportCloseReason.DtlsFailed : CloseReasonOfDtls();
    }

    /// <summary>Why DTLS wants the transport closed, or null.</summary>
    internal TransportCloseReason? CloseReasonOfDtls() => Dtls.State switch
    {
        DtlsState.Failed => TransportCloseReason.DtlsFailed,
        DtlsState.FingerprintMismatch => TransportCloseReason.FingerprintMismatch,
        DtlsState.Closed => TransportCloseReason.ClosedByClient,
        _ => null,
    };

    /// <summary>What the control plane is told once the keys are there.</summary>
    internal TransportConnected ToConnectedEvent() => new(
        Room.Id, Id, _send.Destination.Protocol, Dtls.Profile, _firstCheckAt - _openedAt, ConnectedAt - _firstHelloAt);

    /// <inheritdoc/>
    public void Dispose()
    {
        IsClosed = true;
        Receiver?.Dispose();
        Sender?.Dispose();
        _keys?.Dispose();
        Dtls.Dispose();
    }

    private MediaTime ConnectedAt { get; set; }

    private void SetDestination(MediaTime now, in TransportAddress address)
    {
        if (_send.HasDestination && _send.Destination == address) return;
        _send.HasDestination = true;
        _send.Destination = address;
        _send.LastConsentAt = now;
    }

    /// <summary>What sending needs, in one place: it is cold when a burst begins.</summary>
    private struct SendState
    {
        internal SrtpSender? Sender;
        internal TransportAddress Destination;
        internal MediaTime LastConsentAt;
        internal int TagLength;
        internal ushort TransportCcNumber;
        internal bool HasDestination;
        internal bool IsCongested;
    }
}
