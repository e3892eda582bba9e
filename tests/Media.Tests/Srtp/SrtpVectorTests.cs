using Sfu.Media.Native;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;

namespace Sfu.Media.Tests.Srtp;

[Collection("alone")]
public sealed class SrtpVectorTests
{
    // RFC 3711 appendix B.3: key derivation test vectors.
    [Fact]
    public void Derive_Rfc3711AppendixB3_GivesItsKeys()
    {
        var keys = new SrtpDirectionKeys(
            SrtpProfile.Aes128CmHmacSha1Tag80, Convert.FromHexString("E1F97A0D3E018BE0D64FA32C06DE4139"), Convert.FromHexString("0EC675AD498AFEEBB6960B3AABE6"));

        Assert.Equal("C61E7A93744F39EE10734AFE3FF7A087", Convert.ToHexString(keys.RtpKey));
        Assert.Equal("30CBBC08863D8C85D49DB34A9AE1", Convert.ToHexString(keys.RtpSalt));
        Assert.Equal("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4", Convert.ToHexString(keys.RtpAuthentication));
    }

    // RFC 3711 appendix B.2: the key stream of a session key and salt, at blocks 0, 1, 2 and 0xFEFF, 0xFF00, 0xFF01.
    [Fact]
    public void Xor_Rfc3711AppendixB2_GivesItsKeyStream()
    {
        using EvpCipher cipher = EvpCipher.Counter(Convert.FromHexString("2B7E151628AED2A6ABF7158809CF4F3C"));
        var iv = new byte[SrtpIv.Length];
        new SrtpIv(Convert.FromHexString("F0F1F2F3F4F5F6F7F8F9FAFBFCFD")).WriteCounter(iv, 0, 0);
        var stream = new byte[0xFF02 * 16];
        cipher.Xor(iv, stream, stream);

        Assert.Equal("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000", Convert.ToHexString(iv));
        Assert.Equal("E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0", Convert.ToHexString(stream, 0, 48));
        Assert.Equal("EC8CDF7398607CB0F2D21675EA9EA1E4362B7C3C6773516318A077D7FC5073AE6A2CC3787889374FBEB4C81B17BA6C44", Convert.ToHexString(stream, 0xFEFF * 16, 48));
    }

    // Packets of libsrtp's own validation (test/srtp_driver.c): master key and salt of RFC 3711 appendix B.3.
    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void Protect_KnownAesCmPackets_GivesTheirBytes(string engine)
    {
        using var transform = new SrtpTransform(
            new SrtpDirectionKeys(
                SrtpProfile.Aes128CmHmacSha1Tag80, Convert.FromHexString("E1F97A0D3E018BE0D64FA32C06DE4139"), Convert.FromHexString("0EC675AD498AFEEBB6960B3AABE6")),
            encrypt: true, Engines.Get(engine));
        byte[] rtp = [.. Convert.FromHexString("800F1234DECAFBADCAFEBABE"), .. new byte[26]];
        byte[] payload = [.. Enumerable.Repeat((byte)0xAB, 16)];
        byte[] rtcp = [.. Convert.FromHexString("81C8000BCAFEBABE"), .. payload, .. new byte[14]];

        Assert.Equal(38, transform.ProtectRtp(rtp, 12, payload, new Ssrc(0xCAFEBABE), 0x1234));
        Assert.Equal("800F1234DECAFBADCAFEBABE4E55DC4CE79978D88CA4D215949D2402B78D6ACC99EA179B8DBB", Convert.ToHexString(rtp));
        Assert.Equal(38, transform.ProtectRtcp(rtcp, 24, 1));
        Assert.Equal("81C8000BCAFEBABE7128035BE487B9BDBEF89041F977A5A880000001993E08CD54D6C1230798", Convert.ToHexString(rtcp));
    }

    // RFC 7714 section 16.1.1 and 16.2.1 (RTP), 17.1.1 and 17.2.1 (RTCP): the session keys are given, so the derived ones are overwritten.
    [Theory]
    [MemberData(nameof(GcmVectors))]
    public void Protect_Rfc7714_GivesItsPackets(string engine, SrtpProfile profile, string rtpCipher, string rtcpCipher)
    {
        const string Rtp = "8040F17B8041F8D35501A0B2";
        const string RtpText = "47616C6C696120657374206F6D6E69732064697669736120696E207061727465732074726573";
        const string Rtcp = "81C8000D4D6172734E5450314E545032525450200000042A0000E9304C756E61DEADBEEFDEADBEEFDEADBEEFDEADBEEFDEADBEEF";
        int keyLength = profile == SrtpProfile.AeadAes256Gcm ? 32 : 16;
        var keys = new SrtpDirectionKeys(profile, new byte[keyLength], new byte[12]);
        byte[] key = [.. Enumerable.Range(0, keyLength).Select(value => (byte)value)], salt = "Quid pro quo"u8.ToArray();
        key.CopyTo(keys.RtpKey, 0);
        salt.CopyTo(keys.RtpSalt, 0);
        key.CopyTo(keys.RtcpKey, 0);
        salt.CopyTo(keys.RtcpSalt, 0);
        using var transform = new SrtpTransform(keys, encrypt: true, Engines.Get(engine));
        byte[] rtp = [.. Convert.FromHexString(Rtp), .. new byte[RtpText.Length / 2 + 16]];
        byte[] rtcp = [.. Convert.FromHexString(Rtcp), .. new byte[20]];

        transform.ProtectRtp(rtp, 12, Convert.FromHexString(RtpText), new Ssrc(0x5501A0B2), 0xF17B);
        Assert.Equal(Rtp + rtpCipher, Convert.ToHexString(rtp));
        Assert.Equal(rtcp.Length, transform.ProtectRtcp(rtcp, Rtcp.Length / 2, 0x5D4));
        Assert.Equal(Rtcp[..16] + rtcpCipher + "800005D4", Convert.ToHexString(rtcp));
    }

    // RFC 7714 sections 17.3 and 17.4 (AES-128), 17.7 and 17.8 (AES-256): RTCP that is authenticated only.
    [Theory]
    [InlineData("openssl", SrtpProfile.AeadAes128Gcm, "841DD9683DD78EC92AE58790125F62B3")]
    [InlineData("openssl", SrtpProfile.AeadAes256Gcm, "91DB4AFBFEEE5A978FAB4393ED2615FE")]
    [InlineData("ipsec-mb", SrtpProfile.AeadAes128Gcm, "841DD9683DD78EC92AE58790125F62B3")]
    [InlineData("ipsec-mb", SrtpProfile.AeadAes256Gcm, "91DB4AFBFEEE5A978FAB4393ED2615FE")]
    public void UnprotectRtcp_Rfc7714TaggedOnly_IsTakenAndAnyOtherByteIsNot(string engine, SrtpProfile profile, string tag)
    {
        const string Rtcp = "81C8000D4D6172734E5450314E545032525450200000042A0000E9304C756E61DEADBEEFDEADBEEFDEADBEEFDEADBEEFDEADBEEF";
        int keyLength = profile == SrtpProfile.AeadAes256Gcm ? 32 : 16;
        var keys = new SrtpDirectionKeys(profile, new byte[keyLength], new byte[12]);
        for (int i = 0; i < keyLength; i++) keys.RtcpKey[i] = (byte)i;
        "Quid pro quo"u8.CopyTo(keys.RtcpSalt);
        using var transform = new SrtpTransform(keys, encrypt: false, Engines.Get(engine));
        byte[] packet = Convert.FromHexString(Rtcp + tag + "000005D4");
        var plain = new byte[packet.Length];

        Assert.Equal(Rtcp.Length / 2, transform.UnprotectRtcp(packet, 0x5D4, plain));
        Assert.Equal(Rtcp, Convert.ToHexString(plain.AsSpan(0, Rtcp.Length / 2)));
        for (int i = 0; i < packet.Length; i++)
        {
            packet[i] ^= 1;
            Assert.Equal(-1, transform.UnprotectRtcp(packet, 0x5D4, plain));
            packet[i] ^= 1;
        }

        var tooLong = new byte[4096];
        Assert.Equal(-1, transform.UnprotectRtcp(tooLong, 0, new byte[4096]));
    }

    public static TheoryData<string, SrtpProfile, string, string> GcmVectors()
    {
        var data = new TheoryData<string, SrtpProfile, string, string>();
        foreach (string engine in Engines.All.Keys)
        {
            data.Add(
                engine, SrtpProfile.AeadAes128Gcm,
                "F24DE3A3FB34DE6CACBA861C9D7E4BCABE633BD50D294E6F42A5F47A51C7D19B36DE3ADF8833899D7F27BEB16A9152CF765EE4390CCE",
                "63E94885DCDAB67CA727D7662F6B7E997FF5C0F76C06F32DC676A5F1730D6FDA4CE09B4686303DED0BB9275BC84AA45896CF4D2FC5ABF87245D9EADE");
            data.Add(
                engine, SrtpProfile.AeadAes256Gcm,
                "32B1DE78A822FE12EF9F78FA332E33AAB18012389A58E2F3B50B2A0276FFAE0F1BA63799B87B7AA3DB36DFFFD6B0F9BB7878D7A76C13",
                "D50AE4D1F5CE5D304BA297E47D470C282C3ECE5DBFFE0A50A2EAA5C1110555BE8415F658C61DE0476F1B6FAD1D1EB30C4446839F57FF6F6CB26AC3BE");
        }

        return data;
    }

    // Both directions of one transport must agree for every profile, length and index.
    [Theory]
    [MemberData(nameof(Engines.WithProfiles), MemberType = typeof(Engines))]
    public void ProtectThenUnprotect_AcrossTheRollover_GivesThePayloadBack(string engine, SrtpProfile profile)
    {
        (SrtpSender sender, SrtpReceiver receiver) = Engines.Pair(engine, profile);
        using SrtpSender ownedSender = sender;
        using SrtpReceiver ownedReceiver = receiver;
        var packet = new byte[1500];
        var plain = new byte[1500];
        var payload = new byte[1400];
        for (ulong index = 65_000; index < 65_000 + 2 * 1400; index += 2)
        {
            int length = (int)(index - 65_000) / 2;
            new Random((int)index).NextBytes(payload);
            var writer = new RtpHeaderWriter(packet, true, 100, new SequenceNumber((ushort)index), new RtpTimestamp((uint)index), new Ssrc(77));
            int header = writer.Finish();
            int total = sender.Protect(packet, header, payload.AsSpan(0, length), new Ssrc(77), index);
            Assert.Equal(header + length + SrtpLimits.TagLength(profile), total);
            RtpHeader.Parse(packet.AsSpan(0, total), out RtpHeader parsed);
            Assert.Equal(DropReason.None, receiver.Unprotect(packet.AsSpan(0, total), parsed, plain, out int plainLength));
            Assert.True(payload.AsSpan(0, length).SequenceEqual(plain.AsSpan(header, plainLength - header)));
            Assert.Equal(DropReason.Replay, receiver.Unprotect(packet.AsSpan(0, total), parsed, plain, out _));
            packet[total - 1] ^= 1;
        }
    }

    [Theory]
    [MemberData(nameof(Engines.WithProfiles), MemberType = typeof(Engines))]
    public void UnprotectRtcp_EveryFlippedByte_IsRefusedAndTheOriginalStillTaken(string engine, SrtpProfile profile)
    {
        (SrtpSender sender, SrtpReceiver receiver) = Engines.Pair(engine, profile);
        using SrtpSender ownedSender = sender;
        using SrtpReceiver ownedReceiver = receiver;
        byte[] report = [0x80, 201, 0, 1, 0, 0, 0, 9];
        var packet = new byte[100];
        report.CopyTo(packet, 0);
        int length = sender.ProtectRtcp(packet, report.Length);
        var plain = new byte[100];
        for (int i = 0; i < length; i++)
        {
            packet[i] ^= 0x40;
            Assert.Equal(DropReason.Authentication, receiver.UnprotectRtcp(packet.AsSpan(0, length), plain, out _));
            packet[i] ^= 0x40;
        }
        for (int i = 0; i < length; i++) Assert.NotEqual(DropReason.None, receiver.UnprotectRtcp(packet.AsSpan(0, i), plain, out _));

        Assert.Equal(DropReason.None, receiver.UnprotectRtcp(packet.AsSpan(0, length), plain, out int plainLength));
        Assert.Equal(report, plain[..plainLength]);
        Assert.Equal(DropReason.Replay, receiver.UnprotectRtcp(packet.AsSpan(0, length), plain, out _));
    }

    [Theory]
    [MemberData(nameof(Engines.WithProfiles), MemberType = typeof(Engines))]
    public void ProtectAndUnprotect_100000Packets_AllocateNothing(string engine, SrtpProfile profile)
    {
        (SrtpSender sender, SrtpReceiver receiver) = Engines.Pair(engine, profile);
        using SrtpSender ownedSender = sender;
        using SrtpReceiver ownedReceiver = receiver;
        var packet = new byte[300];
        var plain = new byte[300];
        var payload = new byte[100];
        long allocated = Allocations.Of(100_000, i =>
        {
            ulong index = (ulong)i + 1;
            int header = new RtpHeaderWriter(packet, false, 100, new SequenceNumber((ushort)index), default, new Ssrc(3)).Finish();
            int total = sender.Protect(packet, header, payload, new Ssrc(3), index);
            RtpHeader.Parse(packet.AsSpan(0, total), out RtpHeader parsed);
            if (receiver.Unprotect(packet.AsSpan(0, total), parsed, plain, out _) != DropReason.None) Assert.Fail($"{profile} {index}");
        });

        Assert.Equal(0, allocated);
    }
}
