using System.Buffers.Binary;
using CsCheck;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;

namespace Sfu.Media.Tests.Srtp;

[Collection("alone")]
public sealed class SrtpReplayTests
{
    private const int Length = 60;

    private static byte[] Packet(SrtpSender sender, uint ssrc, ulong index)
    {
        var packet = new byte[12 + 20 + 16];
        int header = new RtpHeaderWriter(packet, false, 96, new SequenceNumber((ushort)index), default, new Ssrc(ssrc)).Finish();
        int length = sender.Protect(packet, header, new byte[20], new Ssrc(ssrc), index);
        return packet[..length];
    }

    private static DropReason Receive(SrtpReceiver receiver, byte[] packet)
    {
        RtpHeader.Parse(packet, out RtpHeader header);
        return receiver.Unprotect(packet, header, new byte[Length], out _);
    }

    // The truth is the 48-bit index that was protected; the receiver sees 16 bits of it. Steps stay below half the number space.
    [Theory]
    [MemberData(nameof(Engines.WithProfiles), MemberType = typeof(Engines))]
    public void Unprotect_AnyOrderOfA48BitStream_FollowsTheModel(string engine, SrtpProfile profile) =>
        Gen.Select(Gen.Int[0, 32_767], Gen.Frequency((6, Gen.Int[-40, 40]), (1, Gen.Int[-1100, 1100]), (1, Gen.Int[-30_000, 30_000])).Array[1, 150]).Sample(
            (start, steps) =>
            {
                (SrtpSender sender, SrtpReceiver receiver) = Engines.Pair(engine, profile);
                using (sender)
                using (receiver)
                {
                    var seen = new HashSet<long> { start };
                    long highest = start;
                    if (Receive(receiver, Packet(sender, 1, (ulong)start)) != DropReason.None) return false;
                    foreach (int step in steps)
                    {
                        long truth = highest + step;
                        if (truth < 0) continue;
                        DropReason expected = truth > highest ? DropReason.None
                            : highest - truth >= SrtpLimits.ReplayWindow ? DropReason.TooOld
                            : seen.Contains(truth) ? DropReason.Replay
                            : DropReason.None;
                        if (Receive(receiver, Packet(sender, 1, (ulong)truth)) != expected) return false;
                        if (expected != DropReason.None) continue;
                        seen.Add(truth);
                        highest = Math.Max(highest, truth);
                    }

                    return true;
                }
            },
            iter: 150);

    [Fact]
    public void GuessIndex_AnyTruthWithinHalfTheSpace_IsFound() =>
        Gen.Select(Gen.ULong[0, (1UL << 48) - 100_000], Gen.Int[-32_768, 32_767]).Sample(
            (highest, distance) =>
            {
                long truth = (long)highest + distance;
                return truth < 0 || ReplayTable.GuessIndex(highest, (ushort)truth) == (ulong)truth;
            },
            iter: 100_000);

    [Fact]
    public void Accept_AnyIndices_RemembersExactlyTheWindow() =>
        Gen.Select(Gen.ULong[0, 1UL << 47], Gen.Frequency((8, Gen.Int[-50, 50]), (1, Gen.Int[-1500, 3000])).Array[1, 300]).Sample(
            (start, steps) =>
            {
                var window = new ReplayWindow();
                var seen = new HashSet<ulong>();
                ulong highest = start;
                foreach (int step in steps.Prepend(0))
                {
                    if (step < 0 && (ulong)-step > highest) continue;
                    ulong index = highest + (ulong)step;
                    DropReason expected = seen.Count == 0 || index > highest ? DropReason.None
                        : highest - index >= SrtpLimits.ReplayWindow ? DropReason.TooOld
                        : seen.Contains(index) ? DropReason.Replay
                        : DropReason.None;
                    if (window.Check(index) != expected) return false;
                    if (expected != DropReason.None) continue;
                    window.Accept(index);
                    seen.Add(index);
                    highest = Math.Max(highest, index);
                    if (window.Highest != highest) return false;
                }

                return true;
            },
            iter: 3_000);

    // T12: strangers cannot make state.
    [Theory]
    [MemberData(nameof(Engines.WithProfiles), MemberType = typeof(Engines))]
    public void Unprotect_100000ForgedSsrcs_MakeNoState(string engine, SrtpProfile profile)
    {
        (SrtpSender sender, SrtpReceiver receiver) = Engines.Pair(engine, profile);
        using (sender)
        using (receiver)
        {
            var random = new Random(4);
            byte[] genuine = Packet(sender, 5, 100), forged = Packet(sender, 5, 101);
            var plain = new byte[Length];
            long allocated = Allocations.Of(100_000, i =>
            {
                BinaryPrimitives.WriteUInt32BigEndian(forged.AsSpan(8), (uint)random.Next(6, int.MaxValue));
                RtpHeader.Parse(forged, out RtpHeader header);
                if (receiver.Unprotect(forged, header, plain, out _) != DropReason.Authentication) Assert.Fail($"forged packet {i} was taken");
            });

            Assert.Equal(0, allocated);
            Assert.Equal(DropReason.None, Receive(receiver, genuine));
        }
    }

    [Fact]
    public void Unprotect_MoreSsrcsThanWindows_GoesOnAndStillRefusesReplays()
    {
        (SrtpSender sender, SrtpReceiver receiver) = Engines.Pair("openssl", SrtpProfile.AeadAes128Gcm);
        using (sender)
        using (receiver)
        {
            for (uint ssrc = 1; ssrc <= SrtpLimits.MaxSsrcs; ssrc++) Assert.Equal(DropReason.None, Receive(receiver, Packet(sender, ssrc, 65_700 - 200)));
            Assert.Equal(DropReason.None, Receive(receiver, Packet(sender, 1, 65_700)));  // across its rollover
            for (uint ssrc = 2; ssrc <= SrtpLimits.MaxSsrcs; ssrc++) Assert.Equal(DropReason.None, Receive(receiver, Packet(sender, ssrc, 65_700 - 100)));
            // One more: SSRC 1 was silent longest and gives up its window.
            Assert.Equal(DropReason.None, Receive(receiver, Packet(sender, 1000, 5)));

            Assert.Equal(DropReason.TooOld, Receive(receiver, Packet(sender, 1, 65_700)));
            Assert.Equal(DropReason.TooOld, Receive(receiver, Packet(sender, 1, 65_650)));
            Assert.Equal(DropReason.None, Receive(receiver, Packet(sender, 1, 65_705)));  // it comes back, with its rollover counter
            Assert.Equal(DropReason.None, Receive(receiver, Packet(sender, 1, 65_703)));
            Assert.Equal(DropReason.Replay, Receive(receiver, Packet(sender, 1, 65_703)));
            Assert.Equal(DropReason.Replay, Receive(receiver, Packet(sender, 1, 65_700)));
            Assert.Equal(DropReason.Replay, Receive(receiver, Packet(sender, 1, 65_699))); // never seen, but older than what is remembered
        }
    }

    [Fact]
    public void Unprotect_EndlessNewSsrcs_AreRefusedInTheEnd()
    {
        (SrtpSender sender, SrtpReceiver receiver) = Engines.Pair("openssl", SrtpProfile.AeadAes128Gcm);
        using (sender)
        using (receiver)
        {
            const uint Most = SrtpLimits.MaxSsrcs + SrtpLimits.MaxRetiredSsrcs;
            for (uint ssrc = 1; ssrc <= Most; ssrc++) Assert.Equal(DropReason.None, Receive(receiver, Packet(sender, ssrc, 10)));

            Assert.Equal(DropReason.TooManySsrcs, Receive(receiver, Packet(sender, Most + 1, 10)));
            Assert.Equal(DropReason.None, Receive(receiver, Packet(sender, Most, 11)));   // those that are known go on
            Assert.Equal(DropReason.None, Receive(receiver, Packet(sender, 1, 11)));
            Assert.Equal(DropReason.TooOld, Receive(receiver, Packet(sender, 2, 10)));
        }
    }

    [Theory]
    [MemberData(nameof(Engines.WithProfiles), MemberType = typeof(Engines))]
    public void Unprotect_EveryFlippedByteAndEveryLength_IsRefusedAndTheOriginalStillTaken(string engine, SrtpProfile profile)
    {
        (SrtpSender sender, SrtpReceiver receiver) = Engines.Pair(engine, profile);
        using (sender)
        using (receiver)
        {
            byte[] packet = Packet(sender, 7, 70_000 - 65_536);
            for (int i = 0; i < packet.Length; i++)
            {
                byte[] changed = [.. packet];
                changed[i] ^= 0x04;
                if (RtpHeader.Parse(changed, out RtpHeader header) != DropReason.None) continue;
                var plain = new byte[Length];
                DropReason reason = receiver.Unprotect(changed, header, plain, out _);
                Assert.True(reason is DropReason.Authentication or DropReason.Truncated, $"byte {i}: {reason}");
            }

            for (int length = 0; length < packet.Length; length++)
            {
                if (RtpHeader.Parse(packet.AsSpan(0, length), out RtpHeader header) != DropReason.None) continue;
                Assert.True(receiver.Unprotect(packet.AsSpan(0, length), header, new byte[Length], out _) is DropReason.Authentication or DropReason.Truncated);
            }

            Assert.Equal(DropReason.None, Receive(receiver, packet));
        }
    }

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void Unprotect_WrongTagUnderGcm_LeavesNoPlaintext(string engine)
    {
        (SrtpSender sender, SrtpReceiver receiver) = Engines.Pair(engine, SrtpProfile.AeadAes128Gcm);
        using (sender)
        using (receiver)
        {
            byte[] packet = Packet(sender, 7, 9);
            packet[^1] ^= 1;
            var plain = new byte[Length];
            plain.AsSpan().Fill(0xEE);
            RtpHeader.Parse(packet, out RtpHeader header);

            Assert.Equal(DropReason.Authentication, receiver.Unprotect(packet, header, plain, out _));
            Assert.Equal(new byte[20], plain.AsSpan(12, 20).ToArray());
        }
    }
}
