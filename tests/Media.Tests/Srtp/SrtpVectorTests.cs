using Sfu.Media.Rtp;
using Sfu.Media.Srtp;

namespace Sfu.Media.Tests.Srtp;

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

    // RFC 7714 section 16.1.1 (128 bit) and 16.2.1 (256 bit): the session keys are given, so the derivation is left out there;
    // here both directions of one transport must agree for every profile, length and index.
    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm)]
    [InlineData(SrtpProfile.AeadAes256Gcm)]
    [InlineData(SrtpProfile.Aes128CmHmacSha1Tag80)]
    public void ProtectThenUnprotect_AcrossTheRollover_GivesThePayloadBack(SrtpProfile profile)
    {
        var exported = new byte[SrtpKeys.ExportedLength(profile)];
        new Random(1).NextBytes(exported);
        using SrtpKeys server = SrtpKeys.FromDtls(profile, exported, true), client = SrtpKeys.FromDtls(profile, exported, false);
        using var sender = new SrtpSender(server);
        using var receiver = new SrtpReceiver(client);
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
    [InlineData(SrtpProfile.AeadAes128Gcm)]
    [InlineData(SrtpProfile.AeadAes256Gcm)]
    [InlineData(SrtpProfile.Aes128CmHmacSha1Tag80)]
    public void UnprotectRtcp_EveryFlippedByte_IsRefusedAndTheOriginalStillTaken(SrtpProfile profile)
    {
        var exported = new byte[SrtpKeys.ExportedLength(profile)];
        new Random(2).NextBytes(exported);
        using SrtpKeys server = SrtpKeys.FromDtls(profile, exported, true), client = SrtpKeys.FromDtls(profile, exported, false);
        using var sender = new SrtpSender(server);
        using var receiver = new SrtpReceiver(client);
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

    [Fact]
    public void ProtectAndUnprotect_100000Packets_AllocateNothing()
    {
        foreach (SrtpProfile profile in Enum.GetValues<SrtpProfile>())
        {
            var exported = new byte[SrtpKeys.ExportedLength(profile)];
            using SrtpKeys server = SrtpKeys.FromDtls(profile, exported, true), client = SrtpKeys.FromDtls(profile, exported, false);
            using var sender = new SrtpSender(server);
            using var receiver = new SrtpReceiver(client);
            var packet = new byte[300];
            var plain = new byte[300];
            var payload = new byte[100];
            long before = 0;
            for (ulong index = 1; index <= 101_000; index++)
            {
                if (index == 1000) before = GC.GetAllocatedBytesForCurrentThread();
                int header = new RtpHeaderWriter(packet, false, 100, new SequenceNumber((ushort)index), default, new Ssrc(3)).Finish();
                int total = sender.Protect(packet, header, payload, new Ssrc(3), index);
                RtpHeader.Parse(packet.AsSpan(0, total), out RtpHeader parsed);
                if (receiver.Unprotect(packet.AsSpan(0, total), parsed, plain, out _) != DropReason.None) Assert.Fail($"{profile} {index}");
            }
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }
}
