using Sfu.Media.Dtls;
using Sfu.Media.Srtp;
using Sfu.Media.Tests.Dtls;
using Sfu.Media.Time;

namespace Sfu.Fuzz.Targets;

/// <summary>Forged datagrams into a connected DTLS server: it stays connected.</summary>
internal sealed class DtlsConnectedTarget : FuzzTarget, IDisposable
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(10);

    private readonly DtlsContext _serverContext;
    private readonly DtlsContext _clientContext;
    private readonly DtlsTransport _server;
    private readonly List<byte[]> _recorded = [];
    private readonly byte[] _outgoing = new byte[2048];
    private MediaTime _now = Start;

    public DtlsConnectedTarget()
    {
        DtlsCertificate server = TestCertificates.Create(), client = TestCertificates.Create();
        _serverContext = new DtlsContext(server, DtlsRole.Server, [SrtpProfile.AeadAes128Gcm]);
        _clientContext = new DtlsContext(client, DtlsRole.Client, [SrtpProfile.AeadAes128Gcm]);
        _server = new DtlsTransport(_serverContext, [client.Fingerprint]);
        using var peer = new DtlsTransport(_clientContext, [server.Fingerprint]);
        peer.Start(Start);
        for (int turn = 0; turn < 20 && !(_server.State == DtlsState.Connected && peer.State == DtlsState.Connected); turn++)
        {
            while (peer.TryTakeOutgoing(_outgoing, out int length))
            {
                _recorded.Add(_outgoing[..length]);
                _server.OnDatagram(Start, _recorded[^1]);
            }
            while (_server.TryTakeOutgoing(_outgoing, out int length)) peer.OnDatagram(Start, _outgoing.AsSpan(0, length));
        }
        Oracle.That(_server.State == DtlsState.Connected, "the pair does not connect");
    }

    public override string Name => "dtls-connected";

    public override string SeedKind => "dtls";

    public override long AllocationLimit(int length) => 16 * 1024 + 4L * length;

    public override TimeSpan TimeLimit => TimeSpan.FromMilliseconds(200);

    public override IEnumerable<byte[]> Seeds() =>
    [
        .. _recorded,
        [21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40],                 // fatal alert without protection
        [21, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0],                  // close_notify that is not authentic
        [23, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 2, 0, 32, .. new byte[32]],
        [20, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1],
    ];

    public override long Run(ReadOnlySpan<byte> input)
    {
        _now += TimeSpan.FromMilliseconds(1);
        long reason = (long)_server.OnDatagram(_now, input);
        int sent = 0;
        for (; _server.TryTakeOutgoing(_outgoing, out int length); sent++) Oracle.That(length is > 0 and <= 1500, "an outgoing datagram does not fit");
        Oracle.That(_server.State == DtlsState.Connected && !_server.IsBroken, "a forged datagram ended the connection");
        Oracle.That(_server.UnreadInput == 0, "a forged datagram stays in memory");
        _server.OnDeadline(_now);
        return reason + 100 * sent;
    }

    public void Dispose()
    {
        _server.Dispose();
        _serverContext.Dispose();
        _clientContext.Dispose();
    }
}
