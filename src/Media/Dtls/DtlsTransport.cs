using System.Security.Cryptography;
using Sfu.Media.Native;
using Sfu.Media.Srtp;
using Sfu.Media.Time;

namespace Sfu.Media.Dtls;

/// <summary>DTLS-SRTP of one transport (RFC 5764): handshake, key export, close; told the time, does no I/O.</summary>
/// <remarks>Owned by one media worker. A record is one step: OpenSSL joins what lies in its BIO and would drop what stands behind garbage.
/// Lost flights are sent again on our own deadline, 50 ms and doubling, since OpenSSL's timer starts at 1 s and reads the wall clock.
/// A handshake that fails on bad input gets a new SSL object, at most <see cref="MaxRestarts"/> times: one forged hello must not end a call.
/// Once connected it has no SSL object any more: what a client's repeated last flight and the end of the connection need is kept here and in
/// <see cref="DtlsAlerts"/>.</remarks>
public sealed unsafe class DtlsTransport : IDisposable
{
    /// <summary>SSL objects one transport may use up.</summary>
    public const int MaxRestarts = 5;

    private const int Mtu = 1200;
    private const int MaxQueued = 32;
    private const int UnaskedRepeats = 3;              // of a server's last flight: libnice and aiortc ask for it only after 1 s
    private static readonly TimeSpan FirstResend = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestResend = TimeSpan.FromSeconds(2);

    private readonly DtlsContext _context;
    private readonly IReadOnlyList<DtlsFingerprint> _expected;
    private readonly Queue<byte[]> _outgoing = new();
    private readonly List<byte[]> _lastFlight = [];
    private readonly byte[] _lastProtected = new byte[DtlsAlerts.HeadLength];
    private SslHandle? _ssl;                               // from the first record to the end of the handshake
    private DtlsAlerts? _alerts;
    private byte[]? _exported;
    private TimeSpan _resendAfter = FirstResend;
    private MediaTime _lastResend;
    private int _restarts;
    private int _repeatsLeft;

    /// <summary>Makes a transport that accepts a peer with one of the given certificates.</summary>
    public DtlsTransport(DtlsContext context, IReadOnlyList<DtlsFingerprint> expected)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        _expected = expected;
    }

    /// <summary>Where the transport is.</summary>
    public DtlsState State { get; private set; }

    /// <summary>The negotiated profile; valid when connected.</summary>
    public SrtpProfile Profile { get; private set; }

    /// <summary>When <see cref="OnDeadline"/> wants to be called.</summary>
    public MediaTime NextDeadline { get; private set; } = MediaTime.Never;

    /// <summary>Bytes given to OpenSSL that it has not read; 0 between datagrams.</summary>
    internal int UnreadInput => _ssl is null ? 0 : (int)LibSsl.BioControl(_ssl.Input, LibSsl.BioCtrlPending, 0, 0);

    /// <summary>The other side gave up after the handshake. The keys are out and media goes on, but nothing is read or answered any more.</summary>
    internal bool IsBroken { get; private set; }

    /// <summary>Begins the handshake; for the client role.</summary>
    public void Start(MediaTime now)
    {
        if (State != DtlsState.New) return;
        State = DtlsState.Handshaking;
        Step(now, _ssl = CreateSsl());
    }

    /// <summary>Takes one DTLS datagram.</summary>
    /// <returns>Why it, or a record of it and what followed, was not used; or none.</returns>
    public DropReason OnDatagram(MediaTime now, ReadOnlySpan<byte> datagram)
    {
        bool isRepeat = State == DtlsState.Connected && datagram.Length > 0 && datagram[0] == DtlsRecord.Handshake;
        for (ReadOnlySpan<byte> rest = datagram; ;)
        {
            if (IsBroken || State is DtlsState.Failed or DtlsState.FingerprintMismatch or DtlsState.Closed) return DropReason.DtlsRefused;
            bool hasAnswered = _context.Role == DtlsRole.Server && _lastFlight.Count > 0;
            // A repeated hello has the version it had; OpenSSL never answers it.
            if (hasAnswered && State == DtlsState.Handshaking && DtlsRecord.IsClientHello(rest))
            {
                ResendIfDue(now);
                return DropReason.None;
            }
            DropReason reason = DtlsRecord.Take(ref rest, hasAnswered, out ReadOnlySpan<byte> record);
            if (reason == DropReason.None) reason = State == DtlsState.Connected ? OnRecordAfterHandshake(record) : OnRecord(now, record);
            if (reason != DropReason.None) return reason;
            if (rest.IsEmpty) break;
        }
        // A client that repeats its last flight has not got ours.
        if (isRepeat && State == DtlsState.Connected) ResendIfDue(now);
        return DropReason.None;
    }

    /// <summary>Sends the last flight again when its answer is overdue. Nothing answers a server's last flight, so that is repeated
    /// a few times, until <see cref="OnPeerReady"/>.</summary>
    public void OnDeadline(MediaTime now)
    {
        if (now < NextDeadline) return;
        NextDeadline = MediaTime.Never;
        bool repeats = State == DtlsState.Handshaking || State == DtlsState.Connected && _repeatsLeft-- > 0;
        if (!repeats) return;
        Resend(now);
        _resendAfter = _resendAfter * 2 < LongestResend ? _resendAfter * 2 : LongestResend;
        NextDeadline = now + _resendAfter;
    }

    /// <summary>The other side has its keys, since media of it came: it needs no flight any more.</summary>
    public void OnPeerReady()
    {
        if (State == DtlsState.Connected) NextDeadline = MediaTime.Never;
    }

    /// <summary>Takes the next datagram to send.</summary>
    /// <param name="buffer">At least 1,500 bytes.</param>
    /// <param name="length">Its length.</param>
    public bool TryTakeOutgoing(Span<byte> buffer, out int length)
    {
        length = 0;
        if (!_outgoing.TryDequeue(out byte[]? datagram)) return false;
        datagram.CopyTo(buffer);
        length = datagram.Length;
        return true;
    }

    /// <summary>Derives the SRTP keys of a connected transport, once; the exported bytes are zeroed here.</summary>
    /// <exception cref="InvalidOperationException">Not connected, since without a verified fingerprint there are no keys; or taken already.</exception>
    public SrtpKeys TakeKeys()
    {
        if (State != DtlsState.Connected || _exported is null)
            throw new InvalidOperationException("The keys are there once, when the handshake has ended.");
        SrtpKeys keys = SrtpKeys.FromDtls(Profile, _exported, _context.Role == DtlsRole.Server);
        ForgetExported();
        return keys;
    }

    /// <summary>Queues a close_notify; the transport takes nothing more.</summary>
    public void Close()
    {
        if (State == DtlsState.Connected && !IsBroken && _outgoing.Count < MaxQueued)
        {
            var alert = new byte[DtlsAlerts.Length];
            _alerts!.WriteCloseNotify(alert);
            _outgoing.Enqueue(alert);
        }
        State = DtlsState.Closed;
        NextDeadline = MediaTime.Never;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ssl?.Dispose();
        _alerts?.Dispose();
        ForgetExported();
    }

    private void ForgetExported()
    {
        CryptographicOperations.ZeroMemory(_exported);
        _exported = null;
    }

    private DropReason OnRecord(MediaTime now, ReadOnlySpan<byte> record)
    {
        if (State == DtlsState.New) State = DtlsState.Handshaking;
        _ssl ??= CreateSsl();
        fixed (byte* bytes = record)
            if (LibSsl.BioWrite(_ssl.Input, bytes, record.Length) != record.Length) return DropReason.DtlsRefused;
        Step(now, _ssl);
        // What OpenSSL has left would stand in front of the next record, and grow.
        if (UnreadInput > 0) LibSsl.BioControl(_ssl!.Input, LibSsl.BioCtrlReset, 0, 0);
        return DropReason.None;
    }

    /// <summary>Only alerts have a meaning now. Those that nothing protects may be anybody's.</summary>
    private DropReason OnRecordAfterHandshake(ReadOnlySpan<byte> record)
    {
        if (record[0] != DtlsAlerts.ContentType) return DropReason.None;
        if (!_alerts!.TryRead(record, out bool isFatal, out bool isClose)) return DropReason.Authentication;
        if (isClose) State = DtlsState.Closed;
        else IsBroken |= isFatal;
        return DropReason.None;
    }

    private SslHandle CreateSsl()
    {
        var ssl = new SslHandle(_context.Handle);
        LibSsl.Control(ssl, LibSsl.CtrlSetMtu, Mtu, 0);
        LibSsl.SetTimerCallback(ssl, &LibSsl.OneHour);
        if (_context.Role == DtlsRole.Server) LibSsl.SetAcceptState(ssl);
        else LibSsl.SetConnectState(ssl);
        return ssl;
    }

    private void Step(MediaTime now, SslHandle ssl)
    {
        LibSsl.ClearErrors();
        int result = LibSsl.DoHandshake(ssl);
        if (result != 1 && LibSsl.GetError(ssl, result) is LibSsl.ErrorSsl or LibSsl.ErrorSyscall)
        {
            OnHandshakeError(ssl);
            return;
        }
        if (Collect(ssl, isFlight: true))
        {
            _resendAfter = FirstResend;
            _lastResend = now;
            NextDeadline = now + FirstResend;
        }
        if (result == 1) OnHandshakeDone(now, ssl);
    }

    /// <summary>Begins anew after bad input. The alert of the failed object goes out only with the last one: what was bad may have been
    /// forged, and the alert would end the handshake of the client whose address was borrowed.</summary>
    private void OnHandshakeError(SslHandle ssl)
    {
        _lastFlight.Clear();
        NextDeadline = MediaTime.Never;
        if (_context.Role == DtlsRole.Client || ++_restarts > MaxRestarts)
        {
            Collect(ssl, isFlight: false);
            State = DtlsState.Failed;
            return;
        }
        ssl.Dispose();
        _ssl = null;
        State = DtlsState.New;
    }

    private void OnHandshakeDone(MediaTime now, SslHandle ssl)
    {
        NextDeadline = MediaTime.Never;
        LibSsl.SrtpProtectionProfile* profile = LibSsl.GetSelectedSrtpProfile(ssl);
        if (profile == null)
        {
            State = DtlsState.Failed; // use_srtp is mandatory (RFC 5764 section 4.1)
            return;
        }
        Profile = (SrtpProfile)profile->Id;
        if (!PeerIsExpected(ssl))
        {
            State = DtlsState.FingerprintMismatch;
            return;
        }
        Export(ssl);
        _alerts = new DtlsAlerts(ssl, _context.Role, _lastProtected);
        ssl.Dispose();
        _ssl = null;
        State = DtlsState.Connected;
        if (_context.Role != DtlsRole.Server) return;
        _repeatsLeft = UnaskedRepeats;
        NextDeadline = now + FirstResend;
    }

    private void Export(SslHandle ssl)
    {
        _exported = GC.AllocateArray<byte>(SrtpKeys.ExportedLength(Profile), pinned: true);
        ReadOnlySpan<byte> label = "EXTRACTOR-dtls_srtp"u8;
        LibSsl.ClearErrors();
        fixed (byte* output = _exported, text = label)
        {
            if (LibSsl.ExportKeyingMaterial(ssl, output, (nuint)_exported.Length, text, (nuint)label.Length, null, 0, 0) != 1)
                throw new CryptographicException("OpenSSL could not export the SRTP keys.");
        }
    }

    private bool PeerIsExpected(SslHandle ssl)
    {
        nint certificate = LibSsl.GetPeerCertificate(ssl);
        if (certificate == 0) return false;
        try
        {
            int length = LibSsl.CertificateToDer(certificate, null);
            if (length <= 0) return false;
            var der = new byte[length];
            fixed (byte* start = der)
            {
                byte* output = start;
                if (LibSsl.CertificateToDer(certificate, &output) != length) return false;
            }
            bool matches = false;
            foreach (DtlsFingerprint expected in _expected)
            {
                byte[]? hash = expected.Algorithm switch
                {
                    "sha-256" => SHA256.HashData(der),
                    "sha-384" => SHA384.HashData(der),
                    "sha-512" => SHA512.HashData(der),
                    _ => null, // weaker hashes prove nothing
                };
                if (hash is not null && CryptographicOperations.FixedTimeEquals(hash, expected.Value.Span)) matches = true;
            }
            return matches;
        }
        finally
        {
            LibSsl.CertificateFree(certificate);
        }
    }

    private void ResendIfDue(MediaTime now)
    {
        if (_lastFlight.Count > 0 && now - _lastResend >= FirstResend) Resend(now);
    }

    private void Resend(MediaTime now)
    {
        _lastResend = now;
        foreach (byte[] datagram in _lastFlight)
            if (_outgoing.Count < MaxQueued) _outgoing.Enqueue(datagram);
    }

    /// <summary>Cuts what OpenSSL wrote at its records and packs them into datagrams.</summary>
    private bool Collect(SslHandle ssl, bool isFlight)
    {
        Span<byte> datagram = stackalloc byte[Mtu];
        byte* flight = stackalloc byte[16_384];
        bool any = false;
        for (; ; )
        {
            int length = LibSsl.BioRead(ssl.Output, flight, 16_384);
            if (length <= 0) return any;
            if (!any && isFlight) _lastFlight.Clear();
            any = true;
            var rest = new ReadOnlySpan<byte>(flight, length);
            int used = 0;
            while (rest.Length >= DtlsRecord.HeaderSize)
            {
                int record = Math.Min(rest.Length, DtlsRecord.HeaderSize + (rest[11] << 8 | rest[12]));
                if (DtlsRecord.IsProtected(rest)) rest[..DtlsAlerts.HeadLength].CopyTo(_lastProtected);
                if (used + record > Mtu && used > 0)
                {
                    Enqueue(datagram[..used], isFlight);
                    used = 0;
                }
                if (record > Mtu) Enqueue(rest[..record], isFlight);
                else
                {
                    rest[..record].CopyTo(datagram[used..]);
                    used += record;
                }
                rest = rest[record..];
            }
            if (used > 0) Enqueue(datagram[..used], isFlight);
        }
    }

    private void Enqueue(ReadOnlySpan<byte> datagram, bool isFlight)
    {
        byte[] copy = datagram.ToArray();
        if (isFlight) _lastFlight.Add(copy);
        if (_outgoing.Count < MaxQueued) _outgoing.Enqueue(copy);
    }
}
