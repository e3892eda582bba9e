using System.Buffers.Binary;
using Sfu.Media.Dtls;
using Sfu.Media.Srtp;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Dtls;

/// <summary>After the handshake the connection ends without OpenSSL on our side, and as OpenSSL understands it on the other.</summary>
public sealed class DtlsAlertsTests : IDisposable
{
    private const string Aes128 = "ECDHE-ECDSA-AES128-GCM-SHA256", Aes256 = "ECDHE-ECDSA-AES256-GCM-SHA384";
    private static readonly DtlsCertificate Ours = TestCertificates.Create();
    private static readonly DtlsCertificate Theirs = TestCertificates.Create();

    private readonly List<IDisposable> _owned = [];
    private readonly List<byte[]> _sent = [];
    private MediaTime _now = MediaTime.FromSeconds(10);
    private byte[] _lastOfPeer = [];

    [Theory]
    [InlineData(DtlsRole.Server, Aes128)]
    [InlineData(DtlsRole.Server, Aes256)]
    [InlineData(DtlsRole.Client, Aes128)]
    [InlineData(DtlsRole.Client, Aes256)]
    public void Close_OfOurSide_IsCloseNotifyToOpenSsl(DtlsRole role, string suite)
    {
        (DtlsTransport ours, OpenSslPeer peer) = Connect(role, suite);
        ours.Close();
        byte[] alert = Assert.Single(Drain(ours));
        peer.OnRecord(alert);

        Assert.True(peer.IsClosed);
        Assert.Equal(DtlsState.Closed, ours.State);
    }

    [Theory]
    [InlineData(DtlsRole.Server, Aes128)]
    [InlineData(DtlsRole.Server, Aes256)]
    [InlineData(DtlsRole.Client, Aes128)]
    [InlineData(DtlsRole.Client, Aes256)]
    public void OnDatagram_CloseNotifyOfOpenSsl_ClosesAndNothingElseDoes(DtlsRole role, string suite)
    {
        (DtlsTransport ours, OpenSslPeer peer) = Connect(role, suite);
        peer.Close();
        byte[] alert = peer.Take();
        Assert.Equal(DtlsAlerts.Length, alert.Length);
        for (int bit = 0; bit < alert.Length * 8; bit++)
        {
            byte[] changed = [.. alert];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            ours.OnDatagram(_now, changed);
            Assert.Equal((DtlsState.Connected, false), (ours.State, ours.IsBroken));
        }

        Assert.Equal(DropReason.None, ours.OnDatagram(_now, alert));
        Assert.Equal(DtlsState.Closed, ours.State);
        Assert.Equal(DropReason.DtlsRefused, ours.OnDatagram(_now, alert));
    }

    [Fact]
    public void OnDatagram_ForgedAlert_IsCountedAsNotAuthentic()
    {
        (DtlsTransport ours, _) = Connect(DtlsRole.Server, Aes128);
        byte[] forged = new byte[DtlsAlerts.Length];
        (forged[0], forged[1], forged[2], forged[4], forged[12]) = (21, 0xFE, 0xFD, 1, DtlsAlerts.Length - 13);

        Assert.Equal(DropReason.Authentication, ours.OnDatagram(_now, forged));
        Assert.Equal(DtlsState.Connected, ours.State);
    }

    [Fact]
    public void Close_AfterTheLastFlight_UsesNoNumberAndNoNonceTwice()
    {
        (DtlsTransport ours, _) = Connect(DtlsRole.Server, Aes128);
        ours.Close();
        Drain(ours);
        List<byte[]> records = [.. _sent.SelectMany(Records).Where(record => record[4] == 1)];

        Assert.Equal([0ul, 1], records.Select(record => BinaryPrimitives.ReadUInt64BigEndian(record.AsSpan(3)) & 0xFFFF_FFFF_FFFF));
        Assert.Equal(2, records.Select(record => Convert.ToHexString(record.AsSpan(13, 8))).Distinct().Count());
    }

    [Fact]
    public void OnDatagram_LastFlightOfTheClientAgain_SendsOursAsItWas()
    {
        (DtlsTransport ours, OpenSslPeer peer) = Connect(DtlsRole.Server, Aes128);
        byte[] ourLast = _sent[^1];
        Assert.NotEmpty(_lastOfPeer);
        _now += TimeSpan.FromMilliseconds(60);
        ours.OnDatagram(_now, _lastOfPeer);
        Assert.Equal(ourLast, Assert.Single(Drain(ours)));
        ours.OnDatagram(_now + TimeSpan.FromMilliseconds(10), _lastOfPeer);
        Assert.Empty(Drain(ours));                         // no more often than every 50 ms

        ours.Close();                                      // and the connection ends as before
        peer.OnRecord(Assert.Single(Drain(ours)));
        Assert.True(peer.IsClosed);
    }

    [Fact]
    public void TakeKeys_ASecondTime_Throws()
    {
        (DtlsTransport ours, _) = Connect(DtlsRole.Server, Aes128);
        ours.TakeKeys().Dispose();

        Assert.Throws<InvalidOperationException>(ours.TakeKeys);
    }

    public void Dispose()
    {
        foreach (IDisposable one in _owned) one.Dispose();
    }

    /// <summary>Connects one of ours with one that is OpenSSL alone.</summary>
    private (DtlsTransport Ours, OpenSslPeer Peer) Connect(DtlsRole role, string suite)
    {
        var context = new DtlsContext(Ours, role, [SrtpProfile.AeadAes128Gcm]);
        var ours = new DtlsTransport(context, [Theirs.Fingerprint]);
        var peer = new OpenSslPeer(Theirs, role == DtlsRole.Server ? DtlsRole.Client : DtlsRole.Server, SrtpProfile.AeadAes128Gcm, suite);
        _owned.AddRange([ours, peer, context]);
        if (role == DtlsRole.Client) ours.Start(_now);
        else peer.Step();
        for (int turn = 0; turn < 10 && !(peer.IsConnected && ours.State == DtlsState.Connected); turn++)
        {
            byte[] flight = peer.Take();
            if (flight.Length > 0)
            {
                _lastOfPeer = flight;
                ours.OnDatagram(_now, flight);
            }

            foreach (byte[] record in Drain(ours).SelectMany(Records)) peer.OnRecord(record);
        }

        Assert.Equal((true, DtlsState.Connected), (peer.IsConnected, ours.State));
        return (ours, peer);
    }

    private List<byte[]> Drain(DtlsTransport from)
    {
        List<byte[]> datagrams = [];
        var buffer = new byte[1500];
        while (from.TryTakeOutgoing(buffer, out int length)) datagrams.Add(buffer[..length]);
        _sent.AddRange(datagrams);
        return datagrams;
    }

    private static IEnumerable<byte[]> Records(byte[] datagram)
    {
        for (int at = 0; at < datagram.Length;)
        {
            int length = 13 + BinaryPrimitives.ReadUInt16BigEndian(datagram.AsSpan(at + 11));
            yield return datagram[at..(at + length)];
            at += length;
        }
    }
}
