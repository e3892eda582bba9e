using Sfu.Media.Dtls;
using Sfu.Media.Srtp;
using Sfu.Media.Tests.Ice;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Dtls;

/// <summary>The recorded ClientHello of each client is answered, in whatever order its pieces come.</summary>
public sealed class DtlsHelloTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(1);

    [Theory]
    [InlineData("chromium", false)]
    [InlineData("chromium", true)]
    [InlineData("firefox", false)]
    [InlineData("firefox", true)]
    [InlineData("aiortc", false)]
    [InlineData("gstreamer", false)]
    [InlineData("gstreamer", true)]
    public void OnDatagram_RecordedHello_IsAnsweredOnce(string client, bool isReversed)
    {
        using var context = new DtlsContext(TestCertificates.Create(), DtlsRole.Server, [SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1Tag80]);
        using var server = new DtlsTransport(context, [TestCertificates.Create().Fingerprint]);
        IEnumerable<byte[]> hello = FirstPackets.Of(client).ClientHello;
        foreach (byte[] datagram in isReversed ? hello.Reverse() : hello) Assert.Equal(DropReason.None, server.OnDatagram(Start, datagram));

        Assert.Equal(DtlsState.Handshaking, server.State);
        byte[] flight = Take(server);
        Assert.Equal((22, 2), (flight[0], flight[13]));                      // ServerHello

        // The hello repeated: the flight repeated, no more often than every 50 ms.
        foreach (byte[] datagram in hello) Assert.Equal(DropReason.None, server.OnDatagram(Start, datagram));
        Assert.False(server.TryTakeOutgoing(new byte[1500], out _));
        foreach (byte[] datagram in hello) server.OnDatagram(Start + TimeSpan.FromMilliseconds(50), datagram);
        Assert.Equal(flight, Take(server));
    }

    private static byte[] Take(DtlsTransport server)
    {
        byte[] buffer = new byte[1500];
        Assert.True(server.TryTakeOutgoing(buffer, out int length));
        Assert.False(server.TryTakeOutgoing(new byte[1500], out _));
        return buffer[..length];
    }
}
