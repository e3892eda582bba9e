using Sfu.Media;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;

namespace Sfu.Fuzz.Targets;

/// <summary>SRTP and SRTCP: first the profile, then a packet. Nobody's packet is ever taken; our own comes back as it was.</summary>
internal sealed class SrtpTarget : FuzzTarget
{
    private static readonly SrtpProfile[] Profiles = [SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm, SrtpProfile.Aes128CmHmacSha1Tag80];

    private readonly byte[] _protected = new byte[64 * 1024];
    private readonly byte[] _plain = new byte[64 * 1024];

    public override string Name => "srtp";

    public override string SeedKind => "rtp";

    // Two transforms are made for each input.
    public override long AllocationLimit(int length) => 64 * 1024;

    public override IEnumerable<byte[]> Seeds() => Targets.Seeds.Rtp().Concat(Targets.Seeds.Rtcp()).Select((packet, i) => (byte[])[(byte)(i % 3), .. packet]);

    public override long Run(ReadOnlySpan<byte> input)
    {
        if (input.Length == 0) return 0;
        SrtpProfile profile = Profiles[input[0] % Profiles.Length];
        ReadOnlySpan<byte> packet = input[1..];
        using SrtpKeys ours = Keys(profile, isServer: true), theirs = Keys(profile, isServer: false);
        using var receiver = new SrtpReceiver(theirs);
        DropReason rtcp = receiver.UnprotectRtcp(packet, _plain, out _);
        Oracle.That(rtcp != DropReason.None, "a forged SRTCP packet was taken");
        DropReason reason = RtpHeader.Parse(packet, out RtpHeader header);
        if (reason != DropReason.None) return 1 + (long)reason + 100 * (long)rtcp;
        DropReason rtp = receiver.Unprotect(packet, header, _plain, out _);
        Oracle.That(rtp != DropReason.None, "a forged SRTP packet was taken");
        using var sender = new SrtpSender(ours);
        CheckRtp(sender, receiver, packet, header);
        if (packet.Length >= 8) CheckRtcp(sender, receiver, packet);
        return 10_000 + (long)rtp + 100 * (long)rtcp;
    }

    private void CheckRtp(SrtpSender sender, SrtpReceiver receiver, ReadOnlySpan<byte> packet, in RtpHeader header)
    {
        packet[..header.PayloadAt].CopyTo(_protected);
        int length = sender.Protect(_protected, header.PayloadAt, packet[header.PayloadAt..], header.Ssrc, header.SequenceNumber.Value);
        Oracle.That(length > packet.Length && length <= packet.Length + SrtpLimits.MaxOverhead, "a protected packet has an odd length");
        ReadOnlySpan<byte> wire = _protected.AsSpan(0, length);
        _protected[length - 1] ^= 1;
        Oracle.That(receiver.Unprotect(wire, header, _plain, out _) == DropReason.Authentication, "a packet with a flipped bit was taken");
        _protected[length - 1] ^= 1;
        Oracle.That(receiver.Unprotect(wire, header, _plain, out int plainLength) == DropReason.None, "our own packet is refused");
        Oracle.That(_plain.AsSpan(0, plainLength).SequenceEqual(packet), "our own packet comes back changed");
        Oracle.That(receiver.Unprotect(wire, header, _plain, out _) == DropReason.Replay, "a packet was taken twice");
    }

    private void CheckRtcp(SrtpSender sender, SrtpReceiver receiver, ReadOnlySpan<byte> packet)
    {
        packet.CopyTo(_protected);
        int length = sender.ProtectRtcp(_protected, packet.Length);
        ReadOnlySpan<byte> wire = _protected.AsSpan(0, length);
        Oracle.That(receiver.UnprotectRtcp(wire, _plain, out int plainLength) == DropReason.None, "our own RTCP is refused");
        Oracle.That(_plain.AsSpan(0, plainLength).SequenceEqual(packet), "our own RTCP comes back changed");
        Oracle.That(receiver.UnprotectRtcp(wire, _plain, out _) == DropReason.Replay, "RTCP was taken twice");
    }

    // Both ends of one connection: the server's local keys are the client's remote ones.
    private static SrtpKeys Keys(SrtpProfile profile, bool isServer)
    {
        Span<byte> exported = stackalloc byte[SrtpKeys.ExportedLength(profile)];
        for (int i = 0; i < exported.Length; i++) exported[i] = (byte)(i * 7 + 1);
        return SrtpKeys.FromDtls(profile, exported, isServer);
    }
}
