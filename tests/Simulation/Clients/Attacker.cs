using System.Buffers.Binary;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Simulation.Network;
using Sfu.Simulation.Server;

namespace Sfu.Simulation.Clients;

/// <summary>Somebody on the net who can send from any address, listen in on one link, and has no keys.</summary>
internal sealed class Attacker(World world)
{
    private const int RecordHeader = 13;
    private const int CookieAt = RecordHeader + 12 + 2 + 32;
    private const ushort RsaWithNullSha256 = 0x003B;

    private static readonly DtlsCertificate Certificate = SimulationCertificates.Create("attacker");
    private static readonly DtlsContext Dtls = new(Certificate, DtlsRole.Client, [SrtpProfile.AeadAes128Gcm]);

    private readonly Random _random = world.NewRandom("attacker");

    /// <summary>Datagrams sent.</summary>
    internal long Sent { get; private set; }

    /// <summary>One of 200 addresses that nobody else has.</summary>
    internal static TransportAddress Elsewhere(int number) => TransportAddress.FromIPv4(0xCB00_7100u + (uint)(number % 200), (ushort)(1024 + number % 60_000));

    /// <summary>A datagram arrives at the server now.</summary>
    internal void Send(TransportAddress from, byte[] bytes)
    {
        Sent++;
        world.ToServer(new Datagram(from, SimulatedServer.Address, bytes, IsForged: true));
    }

    /// <summary>A datagram that looks like a track's next packet, with a tag of chance.</summary>
    internal byte[] ForgedRtp(OutgoingTrack track, int ahead)
    {
        var bytes = new byte[200];
        _random.NextBytes(bytes);
        var writer = new RtpHeaderWriter(
            bytes, false, track.Kind == MediaKind.Audio ? MediaFormats.SentOpus : MediaFormats.SentVp8,
            new SequenceNumber((ushort)(track.PacketCount + (uint)ahead)), track.TimestampAt(world.Now), track.Ssrc);
        writer.Finish();
        return bytes;
    }

    /// <summary>A datagram that looks like a client's RTCP.</summary>
    internal byte[] ForgedRtcp(OutgoingTrack track)
    {
        var bytes = new byte[100];
        _random.NextBytes(bytes);
        bytes[0] = 0x80;
        bytes[1] = 203;                                    // BYE
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), track.Ssrc.Value);
        return bytes;
    }

    /// <summary>A check for a user name fragment, with a password of chance.</summary>
    internal byte[] Check(string ufrag, string remoteUfrag = "evil")
    {
        var agent = new IceControllingAgent(
            new IceCredentials(remoteUfrag, "wrong-wrong-wrong-wrong"), new IceCredentials(ufrag, "wrong-wrong-wrong-wrong"),
            memory => _random.NextBytes(memory.Span));
        var bytes = new byte[1500];
        return bytes[..agent.OnDeadline(MediaTime.FromSeconds(1), bytes)];
    }

    /// <summary>A ClientHello as a browser would send it.</summary>
    internal static byte[] Hello()
    {
        using var dtls = new DtlsTransport(Dtls, [SimulatedServer.Fingerprint]);
        dtls.Start(MediaTime.FromSeconds(1));
        var bytes = new byte[1500];
        Assert.True(dtls.TryTakeOutgoing(bytes, out int length));
        return bytes[..length];
    }

    /// <summary>A ClientHello that offers nothing but a cipher without encryption: it kills OpenSSL's session object (CVE-2023-49786).</summary>
    internal static byte[] NullCipherHello()
    {
        byte[] hello = Hello();
        int at = CookieAt;
        at += 1 + hello[at];                               // session id
        at += 1 + hello[at];                               // cookie
        int length = BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(at));
        for (int i = 0; i < length; i += 2) BinaryPrimitives.WriteUInt16BigEndian(hello.AsSpan(at + 2 + i), RsaWithNullSha256);
        return hello;
    }

    /// <summary>A ClientHello for DTLS 1.0 alone.</summary>
    internal static byte[] OldVersionHello()
    {
        byte[] hello = Hello();
        BinaryPrimitives.WriteUInt16BigEndian(hello.AsSpan(RecordHeader + 12), 0xFEFF);
        return hello;
    }

    /// <summary>A ClientHello cut short within its message.</summary>
    internal static byte[] ShortHello()
    {
        byte[] hello = Hello()[..60];
        BinaryPrimitives.WriteUInt16BigEndian(hello.AsSpan(11), 60 - RecordHeader);
        hello[RecordHeader + 3] = 60 - RecordHeader - 12;
        BinaryPrimitives.WriteUInt16BigEndian(hello.AsSpan(RecordHeader + 1), 0);
        hello[RecordHeader + 9] = hello[RecordHeader + 10] = 0;
        hello[RecordHeader + 11] = hello[RecordHeader + 3];
        return hello;
    }

    /// <summary>Random bytes behind a DTLS record head.</summary>
    internal byte[] Garbage()
    {
        var bytes = new byte[_random.Next(13, 300)];
        _random.NextBytes(bytes);
        bytes[0] = (byte)_random.Next(20, 64);
        return bytes;
    }
}
