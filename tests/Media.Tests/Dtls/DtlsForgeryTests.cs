using Sfu.Media.Dtls;
using Sfu.Media.Srtp;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Dtls;

/// <summary>Datagrams of somebody who sees or spoofs the address of a client, but has no keys: they end nothing and keep nothing.</summary>
public sealed class DtlsForgeryTests : IDisposable
{
    private const string GcmMinimum = "000000000000000000000000000000000000000000000000";
    private static readonly DtlsCertificate ServerCertificate = TestCertificates.Create();
    private static readonly DtlsCertificate ClientCertificate = TestCertificates.Create();
    private static readonly SrtpProfile[] Profiles = [SrtpProfile.AeadAes128Gcm];

    private readonly DtlsContext _serverContext = new(ServerCertificate, DtlsRole.Server, Profiles);
    private readonly DtlsContext _clientContext = new(ClientCertificate, DtlsRole.Client, Profiles);
    private readonly DtlsTransport _server;
    private readonly DtlsTransport _client;
    private readonly byte[] _buffer = new byte[1500];
    private MediaTime _now = MediaTime.FromSeconds(100);

    public DtlsForgeryTests()
    {
        _server = new DtlsTransport(_serverContext, [ClientCertificate.Fingerprint]);
        _client = new DtlsTransport(_clientContext, [ServerCertificate.Fingerprint]);
    }

    public static TheoryData<string> Forged() =>
    [
        "15 fefd 0001 000000000009 0002 0100",                              // shorter than GCM's nonce and tag: OpenSSL 3.0 dies of it
        "17 fefd 0001 000000000002 0010 00000000000000000000000000000000",
        "16 fefd 0001 000000000000 0001 00",
        "17 fefd 0001 000000000002 0018" + GcmMinimum,
        "17 fefd 0002 000000000002 0018" + GcmMinimum,
        "15 fefd 0000 000000000009 0002 0228",                              // fatal alert without protection
        "14 fefd 0000 000000000009 0001 01",
        "18 fefd 0000 000000000009 0003 010000",                            // heartbeat
        "16 feff 0000 000000000009 000f 15fefd000100000000000900020100",    // the killer inside a record whose version OpenSSL skips
        "16 1111 0000 000000000009 000f 15fefd000100000000000900020100",
        "99 fefd 0000 000000000009 000f 15fefd000100000000000900020100",
        "16 fefd 0000 000000000009 ffff 15fefd000100000000000900020100",
        "16 fefd 0000 000000000009 0000 15fefd000100000000000900020100",    // the killer behind an empty record
        "16 fefd 0000",
        "2f 0001020304050607080910111213141516171819202122232425",          // DTLS 1.3 record header
    ];

    [Theory]
    [MemberData(nameof(Forged))]
    public void OnDatagram_ForgedAfterTheHandshake_LeavesTheConnectionUsable(string hex)
    {
        Connect(null);
        byte[] forged = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        for (int i = 0; i < 100; i++)
        {
            _server.OnDatagram(_now, forged);
            _now += TimeSpan.FromMilliseconds(1);
        }
        Assert.Equal((DtlsState.Connected, 0), (_server.State, _server.UnreadInput));

        // The real client is still heard.
        _client.Close();
        Assert.True(_client.TryTakeOutgoing(_buffer, out int length));
        _server.OnDatagram(_now, _buffer.AsSpan(0, length));
        Assert.Equal(DtlsState.Closed, _server.State);
    }

    [Theory]
    [MemberData(nameof(Forged))]
    public void OnDatagram_ForgedBeforeEachDatagramOfTheHandshake_StillConnects(string hex)
    {
        byte[] forged = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        // An alert that nothing protects is all there is to end a handshake by; the client begins again then.
        bool isPlainAlert = forged is [0x15, _, _, 0, 0, ..];
        Connect(isPlainAlert ? null : forged);
        Assert.Equal(0, _server.UnreadInput);
    }

    [Fact]
    public void OnDatagram_ForgedInOneDatagramWithTheClientsOwn_StillConnects()
    {
        byte[] forged = Convert.FromHexString("15fefd000100000000000900020100");
        Connect(null, own => [.. own, .. forged]);
    }

    [Fact]
    public void OnDatagram_AnyGarbage_KeepsNothing()
    {
        Connect(null);
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] garbage = new byte[random.Next(1, 200)];
            random.NextBytes(garbage);
            garbage[0] = (byte)random.Next(20, 64);
            if (i % 2 == 0 && garbage.Length > 12) (garbage[1], garbage[2], garbage[11], garbage[12]) = (0xFE, 0xFD, 0, (byte)(garbage.Length - 13));
            _server.OnDatagram(_now, garbage);
            Assert.Equal(0, _server.UnreadInput);
        }
        Assert.Equal(DtlsState.Connected, _server.State);
    }

    public void Dispose()
    {
        _server.Dispose();
        _client.Dispose();
        _serverContext.Dispose();
        _clientContext.Dispose();
    }

    private void Connect(byte[]? forged, Func<byte[], byte[]>? change = null)
    {
        _client.Start(_now);
        for (int turn = 0; turn < 50 && !(_client.State == DtlsState.Connected && _server.State == DtlsState.Connected); turn++)
        {
            while (_client.TryTakeOutgoing(_buffer, out int length))
            {
                byte[] own = _buffer[..length];
                if (forged is not null) _server.OnDatagram(_now, forged);
                _server.OnDatagram(_now, change is null ? own : change(own));
            }
            while (_server.TryTakeOutgoing(_buffer, out int length)) _client.OnDatagram(_now, _buffer.AsSpan(0, length));
            _now += TimeSpan.FromMilliseconds(60);
            _client.OnDeadline(_now);
            _server.OnDeadline(_now);
        }
        Assert.Equal((DtlsState.Connected, DtlsState.Connected), (_client.State, _server.State));
    }
}
