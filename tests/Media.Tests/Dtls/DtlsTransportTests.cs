using Sfu.Media.Dtls;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Dtls;

public sealed class DtlsTransportTests
{
    private static readonly DtlsCertificate ServerCertificate = TestCertificates.Create();
    private static readonly DtlsCertificate ClientCertificate = TestCertificates.Create();
    private static readonly SrtpProfile[] All = [SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm, SrtpProfile.Aes128CmHmacSha1Tag80];
    private static readonly TimeSpan Way = TimeSpan.FromMilliseconds(10);

    /// <summary>A client and a server with 10 ms between them, in virtual time.</summary>
    private sealed class Pair : IDisposable
    {
        private readonly DtlsContext _serverContext;
        private readonly DtlsContext _clientContext;
        private readonly PriorityQueue<(bool ToServer, byte[] Data), (long, int)> _link = new();
        private int _order;

        public Pair(SrtpProfile[]? clientProfiles = null, DtlsFingerprint? expectedClient = null)
        {
            _serverContext = new DtlsContext(ServerCertificate, DtlsRole.Server, All);
            _clientContext = new DtlsContext(ClientCertificate, DtlsRole.Client, clientProfiles ?? All);
            Server = new DtlsTransport(_serverContext, [expectedClient ?? ClientCertificate.Fingerprint]);
            Client = new DtlsTransport(_clientContext, [ServerCertificate.Fingerprint]);
        }

        public DtlsTransport Server { get; }

        public DtlsTransport Client { get; }

        public MediaTime Now { get; private set; } = MediaTime.FromSeconds(100);

        public int ServerDatagrams { get; private set; }

        /// <summary>Runs until both are connected or ten seconds have passed; true in <paramref name="lose"/> loses a datagram (to the server?, number).</summary>
        public TimeSpan Run(Func<bool, int, bool>? lose = null)
        {
            MediaTime start = Now;
            Span<byte> buffer = stackalloc byte[1500];
            int[] sent = new int[2];
            Client.Start(Now);
            while (Now - start < TimeSpan.FromSeconds(10))
            {
                Drain(Client, true, buffer, sent, lose);
                Drain(Server, false, buffer, sent, lose);
                if (Client.State == DtlsState.Connected && Server.State == DtlsState.Connected) break;
                MediaTime next = MediaTime.Min(Client.NextDeadline, Server.NextDeadline);
                if (_link.TryPeek(out _, out (long At, int) first) && first.At <= next.Nanoseconds)
                {
                    (bool toServer, byte[] data) = _link.Dequeue();
                    Now = new MediaTime(first.At);
                    (toServer ? Server : Client).OnDatagram(Now, data);
                    continue;
                }
                if (next.IsNever) break;
                Now = next;
                Client.OnDeadline(Now);
                Server.OnDeadline(Now);
            }
            ServerDatagrams = sent[0];
            return Now - start;
        }

        private void Drain(DtlsTransport from, bool toServer, Span<byte> buffer, int[] sent, Func<bool, int, bool>? lose)
        {
            while (from.TryTakeOutgoing(buffer, out int length))
            {
                int number = sent[toServer ? 1 : 0]++;
                if (lose?.Invoke(toServer, number) != true) _link.Enqueue((toServer, buffer[..length].ToArray()), ((Now + Way).Nanoseconds, _order++));
            }
        }

        public void Dispose()
        {
            Server.Dispose();
            Client.Dispose();
            _serverContext.Dispose();
            _clientContext.Dispose();
        }
    }

    [Fact]
    public void Handshake_WithoutLoss_ConnectsAndGivesMatchingKeys()
    {
        using var pair = new Pair();
        TimeSpan took = pair.Run();

        Assert.Equal(DtlsState.Connected, pair.Server.State);
        Assert.Equal(DtlsState.Connected, pair.Client.State);
        Assert.Equal(SrtpProfile.AeadAes128Gcm, pair.Server.Profile);
        Assert.True(took <= TimeSpan.FromMilliseconds(60), $"{took}");
        AssertMediaPasses(pair);
    }

    [Theory]
    [InlineData(SrtpProfile.Aes128CmHmacSha1Tag80)]
    [InlineData(SrtpProfile.AeadAes256Gcm)]
    public void Handshake_WithOneClientProfile_TakesIt(SrtpProfile profile)
    {
        using var pair = new Pair([profile]);
        pair.Run();

        Assert.Equal(profile, pair.Server.Profile);
        AssertMediaPasses(pair);
    }

    [Fact]
    public void Handshake_OneServerFlightLost_CostsAtMost100Ms()
    {
        using var plain = new Pair();
        TimeSpan without = plain.Run();
        for (int lost = 0; lost < plain.ServerDatagrams; lost++)
        {
            int number = lost;
            using var pair = new Pair();
            TimeSpan took = pair.Run((toServer, n) => !toServer && n == number);
            Assert.Equal(DtlsState.Connected, pair.Client.State);
            Assert.True(took - without <= TimeSpan.FromMilliseconds(100), $"losing server datagram {number} cost {took - without}");
        }
    }

    [Fact]
    public void Handshake_TwentyPercentLoss_AlwaysEnds()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            using var pair = new Pair();
            pair.Run((_, _) => random.NextDouble() < 0.2);
            Assert.True(pair.Server.State == DtlsState.Connected && pair.Client.State == DtlsState.Connected, $"seed {seed}: {pair.Server.State}, {pair.Client.State}");
        }
    }

    [Fact]
    public void Handshake_WrongFingerprint_NeverGivesKeys()
    {
        using var pair = new Pair(expectedClient: ServerCertificate.Fingerprint);
        pair.Run();

        Assert.Equal(DtlsState.FingerprintMismatch, pair.Server.State);
        Assert.Throws<InvalidOperationException>(pair.Server.TakeKeys);
    }

    [Fact]
    public void OnDatagram_GarbageBeforeTheHello_DoesNotEndTheCall()
    {
        using var pair = new Pair();
        for (int i = 0; i < 100; i++)
        {
            var garbage = new byte[200];
            new Random(i).NextBytes(garbage);
            garbage[0] = 22;
            pair.Server.OnDatagram(pair.Now, garbage);
        }
        pair.Run();

        Assert.Equal(DtlsState.Connected, pair.Server.State);
    }

    [Fact]
    public void Close_AfterTheHandshake_TellsTheOtherSide()
    {
        using var pair = new Pair();
        pair.Run();
        pair.Client.Close();
        Span<byte> buffer = stackalloc byte[1500];
        Assert.True(pair.Client.TryTakeOutgoing(buffer, out int length));
        pair.Server.OnDatagram(pair.Now, buffer[..length]);

        Assert.Equal(DtlsState.Closed, pair.Server.State);
    }

    [Theory]
    [InlineData("")]                                       // as the handshake left it
    [InlineData("17fefd00010000000000020018000000000000000000000000000000000000000000000000")]
    [InlineData("14fefd00000000000000090001 01")]
    public void Close_ByTheServer_TellsTheClient(string before)
    {
        using var pair = new Pair();
        pair.Run();
        if (before.Length > 0) pair.Server.OnDatagram(pair.Now, Convert.FromHexString(before.Replace(" ", "", StringComparison.Ordinal)));
        pair.Server.Close();
        Span<byte> buffer = stackalloc byte[1500];
        Assert.True(pair.Server.TryTakeOutgoing(buffer, out int length));
        pair.Client.OnDatagram(pair.Now, buffer[..length]);

        Assert.Equal(DtlsState.Closed, pair.Client.State);
    }

    [Fact]
    public void OnDeadline_ServerConnected_RepeatsItsLastFlightThreeTimesUnlessMediaCame()
    {
        using var pair = new Pair();
        pair.Run();
        Assert.Equal([50, 100, 200], Repeats(pair.Server));

        using var ready = new Pair();
        ready.Run();
        ready.Server.OnPeerReady();
        Assert.Empty(Repeats(ready.Server));
        Assert.True(ready.Client.NextDeadline.IsNever);
    }

    [Fact]
    public void OnDatagram_BadHellos_AreAnsweredByOneAlertWhenTheCallIsGivenUp()
    {
        using var pair = new Pair();
        Span<byte> buffer = stackalloc byte[1500];
        pair.Client.Start(pair.Now);
        Assert.True(pair.Client.TryTakeOutgoing(buffer, out int length));
        byte[] bad = buffer[..length].ToArray();
        bad[26] = 0xFF;                                    // client_version: DTLS 1.0
        for (int i = 0; i < DtlsTransport.MaxRestarts; i++)
        {
            pair.Server.OnDatagram(pair.Now, bad);
            Assert.False(pair.Server.TryTakeOutgoing(buffer, out _), "what was bad may be forged: its alert would end the real handshake");
            Assert.Equal(DtlsState.New, pair.Server.State);
        }

        pair.Server.OnDatagram(pair.Now, bad);

        Assert.Equal(DtlsState.Failed, pair.Server.State);
        Assert.True(pair.Server.TryTakeOutgoing(buffer, out length));
        Assert.Equal(21, buffer[0]);                       // alert
    }

    /// <summary>Milliseconds between the flights that a connected transport sends by itself.</summary>
    private static List<int> Repeats(DtlsTransport transport)
    {
        List<int> after = [];
        Span<byte> buffer = stackalloc byte[1500];
        MediaTime last = transport.NextDeadline - TimeSpan.FromMilliseconds(50);
        while (!transport.NextDeadline.IsNever)
        {
            MediaTime now = transport.NextDeadline;
            transport.OnDeadline(now);
            if (!transport.TryTakeOutgoing(buffer, out _)) continue;
            Assert.False(transport.TryTakeOutgoing(buffer, out _));
            after.Add((int)(now - last).TotalMilliseconds);
            last = now;
        }

        return after;
    }

    private static void AssertMediaPasses(Pair pair)
    {
        using SrtpKeys serverKeys = pair.Server.TakeKeys(), clientKeys = pair.Client.TakeKeys();
        using var sender = new SrtpSender(serverKeys);
        using var receiver = new SrtpReceiver(clientKeys);
        var packet = new byte[200];
        int header = new RtpHeaderWriter(packet, false, 96, new SequenceNumber(7), new RtpTimestamp(1), new Ssrc(5)).Finish();
        byte[] payload = [1, 2, 3, 4, 5];
        int length = sender.Protect(packet, header, payload, new Ssrc(5), 7);
        Assert.Equal(DropReason.None, RtpHeader.Parse(packet.AsSpan(0, length), out RtpHeader parsed));
        var plain = new byte[200];
        Assert.Equal(DropReason.None, receiver.Unprotect(packet.AsSpan(0, length), parsed, plain, out int plainLength));
        Assert.Equal(payload, plain[header..plainLength]);
    }
}
