using Sfu.Media;
using Sfu.Media.Dtls;
using Sfu.Media.Srtp;
using Sfu.Media.Tests.Dtls;
using Sfu.Media.Time;

namespace Sfu.Fuzz.Targets;

/// <summary>Datagrams of nobody in particular into a fresh DTLS server, each behind its length: it never connects, and what it sends fits.</summary>
internal sealed class DtlsHandshakeTarget : FuzzTarget, IDisposable
{
    private const int MaxDatagrams = 12;
    private static readonly MediaTime Start = MediaTime.FromSeconds(10);

    private readonly DtlsContext _context = new(TestCertificates.Create(), DtlsRole.Server, [SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1Tag80]);
    private readonly DtlsFingerprint _client = TestCertificates.Create().Fingerprint;
    private readonly byte[] _outgoing = new byte[2048];

    public override string Name => "dtls-handshake";

    public override string SeedKind => "dtls";

    public override int MaxLength => 4096;

    public override long AllocationLimit(int length) => 128 * 1024 + 4L * length;

    public override TimeSpan TimeLimit => TimeSpan.FromMilliseconds(200);

    public override IEnumerable<byte[]> Seeds() =>
        ((string[])["chromium", "firefox", "aiortc", "gstreamer", "wrtc"]).Select(client => Targets.Seeds.Joined(Targets.Seeds.FirstPackets(client, "dtls")));

    public override long Run(ReadOnlySpan<byte> input)
    {
        using var transport = new DtlsTransport(_context, [_client]);
        MediaTime now = Start;
        long dropped = 0, sent = 0;
        for (int n = 0; n < MaxDatagrams && Targets.Seeds.TryTake(ref input, out ReadOnlySpan<byte> datagram); n++)
        {
            dropped += transport.OnDatagram(now, datagram) == DropReason.None ? 0 : 1;
            while (transport.TryTakeOutgoing(_outgoing, out int length))
            {
                Oracle.That(length is > 0 and <= 1500, "an outgoing datagram does not fit");
                sent++;
            }
            Oracle.That(transport.State is not (DtlsState.Connected or DtlsState.Closed), "a stranger's datagrams connected or closed it");
            Oracle.That(transport.UnreadInput == 0, "a datagram stays in memory");
            now += TimeSpan.FromMilliseconds(60);
            transport.OnDeadline(now);
        }
        Oracle.That(sent <= 4 * MaxDatagrams, "a stranger makes it send without end");
        return (long)transport.State + 10 * dropped + 200 * Math.Min(sent, 40);
    }

    public void Dispose() => _context.Dispose();
}
