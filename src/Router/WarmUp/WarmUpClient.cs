using System.Security.Cryptography;
using Sfu.Media;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.WarmUp;

/// <summary>One participant of a <see cref="WarmUpCall"/>: joins by ICE and DTLS as browsers do, then checks, reports and asks again.</summary>
/// <remarks>Owned by the call.</remarks>
internal sealed class WarmUpClient : IDisposable
{
    private const int MaxDatagram = 1500;
    private const int UfragLength = 8;
    private const int PasswordLength = 24;
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);
    private static readonly Ssrc Reporter = new(1);

    private readonly WorkerCore _core;
    private readonly DtlsContext _context;
    private readonly IceControllingAgent _ice;
    private readonly DtlsTransport _dtls;
    private readonly byte[] _buffer = new byte[MaxDatagram];
    private SrtpKeys? _keys;
    private SrtpSender? _sender;
    private MediaTime _nextReport;
    private SequenceNumber _newestVideo;
    private SequenceNumber _newestAudio;

    /// <summary>Opens its transport.</summary>
    internal WarmUpClient(WorkerCore core, RoomId room, TransportId id, DtlsCertificate server, DtlsCertificate own, SrtpProfile profile, MediaTime now)
    {
        _core = core;
        Id = id;
        Address = TransportAddress.FromIPv4(0x7F00_0001, (ushort)id.Value);
        (IceCredentials local, IceCredentials remote) = (NewCredentials(), NewCredentials());
        _context = new DtlsContext(own, DtlsRole.Client, [profile]);
        _dtls = new DtlsTransport(_context, [server.Fingerprint]);
        _ice = new IceControllingAgent(local, remote, random => RandomNumberGenerator.Fill(random.Span));
        core.Execute(now, new OpenTransport(room, id, remote, local, [own.Fingerprint]));
    }

    /// <summary>Its transport.</summary>
    internal TransportId Id { get; }

    /// <summary>Where the worker sees it.</summary>
    internal TransportAddress Address { get; }

    /// <summary>The handshake is done.</summary>
    internal bool IsConnected => _sender is not null;

    /// <summary>RTP packets that came to it.</summary>
    internal long Received { get; private set; }

    /// <summary>Sends what ICE, DTLS and RTCP have to send.</summary>
    internal void Run(MediaTime now)
    {
        int length = _ice.NextDeadline <= now ? _ice.OnDeadline(now, _buffer) : 0;
        if (length > 0) _core.OnDatagram(now, Address, _buffer.AsSpan(0, length));
        if (!_ice.Connected) return;
        if (!IsConnected) _dtls.Start(now);
        while (_dtls.TryTakeOutgoing(_buffer, out length)) _core.OnDatagram(now, Address, _buffer.AsSpan(0, length));
        if (!IsConnected || now < _nextReport) return;
        _nextReport = now + ReportInterval;
        Report(now);
    }

    /// <summary>Takes a datagram.</summary>
    internal void OnDatagram(MediaTime now, ReadOnlySpan<byte> datagram)
    {
        switch (Demultiplexer.Classify(datagram))
        {
            case DatagramKind.Stun:
                _ice.OnStun(now, datagram);
                break;
            case DatagramKind.Dtls:
                _dtls.OnDatagram(now, datagram);
                if (_dtls.State == DtlsState.Connected && _keys is null) _sender = new SrtpSender(_keys = _dtls.TakeKeys());
                break;
            case DatagramKind.Rtp when RtpHeader.Parse(datagram, out RtpHeader header) == DropReason.None:
                Received++;
                if (header.Ssrc == WarmUpTracks.ViewerVideo) _newestVideo = header.SequenceNumber;
                else if (header.Ssrc == WarmUpTracks.ViewerAudio) _newestAudio = header.SequenceNumber;
                break;
        }
    }

    /// <summary>Sends a plain RTP packet.</summary>
    /// <param name="now">The call's time.</param>
    /// <param name="plain">The packet, which may be changed.</param>
    /// <param name="payloadAt">Bytes of its header.</param>
    /// <param name="ssrc">Its stream.</param>
    /// <param name="index">Its number of 48 bits.</param>
    internal void SendRtp(MediaTime now, ReadOnlySpan<byte> plain, int payloadAt, Ssrc ssrc, ulong index)
    {
        plain[..payloadAt].CopyTo(_buffer);
        int length = _sender!.Protect(_buffer, payloadAt, plain[payloadAt..], ssrc, index);
        _core.OnDatagram(now, Address, _buffer.AsSpan(0, length));
    }

    /// <summary>Sends a plain RTCP compound.</summary>
    internal void SendRtcp(MediaTime now, ReadOnlySpan<byte> compound)
    {
        compound.CopyTo(_buffer);
        int length = _sender!.ProtectRtcp(_buffer, compound.Length);
        _core.OnDatagram(now, Address, _buffer.AsSpan(0, length));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sender?.Dispose();
        _keys?.Dispose();
        _dtls.Dispose();
        _context.Dispose();
    }

    private static IceCredentials NewCredentials() => new(
        RandomNumberGenerator.GetHexString(UfragLength), RandomNumberGenerator.GetHexString(PasswordLength));

    /// <summary>What a viewer says each second, with a loss of each kind and, at times, a picture that it could not show.</summary>
    private void Report(MediaTime now)
    {
        Span<byte> compound = stackalloc byte[MaxDatagram];
        var writer = new RtcpWriter(compound);
        writer.WriteReceiverReport(Reporter, [new ReportBlock(WarmUpTracks.ViewerVideo, 3, 1, _newestVideo.Value, 1, 0x1234, 10)]);
        writer.WriteSourceDescription(Reporter, "warm-up"u8);
        writer.WriteNack(Reporter, WarmUpTracks.ViewerVideo, [_newestVideo.Add(-7), _newestVideo.Add(-3)], out _);
        writer.WriteNack(Reporter, WarmUpTracks.ViewerAudio, [_newestAudio.Add(-2)], out _);
        if (now.Nanoseconds / 1_000_000_000 % 8 == Id.Value % 8) writer.WritePictureLoss(Reporter, WarmUpTracks.ViewerVideo);
        SendRtcp(now, writer.Written);
    }
}
