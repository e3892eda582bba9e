using System.Buffers.Binary;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;

namespace Sfu.Media.Tests.Srtp;

/// <summary>Our bytes against those of libsrtp2, in both directions.</summary>
public sealed class SrtpOracleTests
{
    private const uint Stream = 0xCAFE_BABE;

    // Every payload length up to 20 AES blocks and then every 13th, any CSRC count, no extension or one of either form, any rollover
    // counter: the same bytes. (libsrtp needs a new session for each rollover counter.)
    [Theory]
    [MemberData(nameof(Engines.WithProfiles), MemberType = typeof(Engines))]
    public void Protect_ManyLengthsWithCsrcsAndExtensions_GivesTheBytesOfLibsrtp(string engine, SrtpProfile profile)
    {
        byte[] exported = Engines.Exported(profile, 11);
        using var sender = new SrtpSender(SrtpKeys.FromDtls(profile, exported, true), Engines.Get(engine));
        var random = new Random(12);
        for (int length = 0; length <= 1400; length += length < 320 ? 1 : 13)
        {
            uint rollover = length % 3 == 0 ? 0 : (uint)random.NextInt64(1L << 32);
            byte[] plain = RandomPacket(random, length, (ushort)random.Next(1, 65_536), out int headerLength);
            ulong index = (ulong)rollover << 16 | BinaryPrimitives.ReadUInt16BigEndian(plain.AsSpan(2));
            byte[] theirs = Padded(plain), ours = Padded(plain.AsSpan(0, headerLength).ToArray(), plain.Length);
            int theirLength = plain.Length;
            using (var oracle = new LibSrtp(profile, LibSrtp.MasterOf(profile, exported, server: true), Stream))
            {
                if (rollover != 0) oracle.SetRollover(Stream, rollover);
                Assert.Equal(LibSrtp.Ok, oracle.Protect(theirs, ref theirLength));
            }

            int ourLength = sender.Protect(ours, headerLength, plain.AsSpan(headerLength), new Ssrc(Stream), index);

            Assert.True(ours.AsSpan(0, ourLength).SequenceEqual(theirs.AsSpan(0, theirLength)), $"{length} bytes, rollover {rollover}");
        }
    }

    [Theory]
    [MemberData(nameof(Engines.WithProfiles), MemberType = typeof(Engines))]
    public void ProtectAndUnprotect_StreamAcrossTwoRollovers_IsUnderstoodBothWays(string engine, SrtpProfile profile)
    {
        byte[] exported = Engines.Exported(profile, 21);
        using var sender = new SrtpSender(SrtpKeys.FromDtls(profile, exported, true), Engines.Get(engine));
        using var receiver = new SrtpReceiver(SrtpKeys.FromDtls(profile, exported, true), Engines.Get(engine));
        using var theirReceiver = new LibSrtp(profile, LibSrtp.MasterOf(profile, exported, server: true), Stream);
        using var theirSender = new LibSrtp(profile, LibSrtp.MasterOf(profile, exported, server: false), Stream);
        var random = new Random(22);
        var plainAgain = new byte[2048];
        for (ulong index = 100; index < 2 * 65_536 + 2000; index += (ulong)random.Next(1, 400))
        {
            byte[] plain = RandomPacket(random, random.Next(0, 200), (ushort)index, out int headerLength);
            byte[] ours = Padded(plain.AsSpan(0, headerLength).ToArray(), plain.Length);
            int length = sender.Protect(ours, headerLength, plain.AsSpan(headerLength), new Ssrc(Stream), index);
            Assert.Equal(LibSrtp.Ok, theirReceiver.Unprotect(ours, ref length));
            Assert.True(ours.AsSpan(0, length).SequenceEqual(plain));

            byte[] theirs = Padded(plain);
            int theirLength = plain.Length;
            Assert.Equal(LibSrtp.Ok, theirSender.Protect(theirs, ref theirLength));
            RtpHeader.Parse(theirs.AsSpan(0, theirLength), out RtpHeader header);
            Assert.Equal(DropReason.None, receiver.Unprotect(theirs.AsSpan(0, theirLength), header, plainAgain, out int plainLength));
            Assert.True(plainAgain.AsSpan(0, plainLength).SequenceEqual(plain));
        }
    }

    [Theory]
    [MemberData(nameof(Engines.WithProfiles), MemberType = typeof(Engines))]
    public void ProtectRtcp_EveryLength_GivesTheBytesOfLibsrtpAndIsUnderstoodBothWays(string engine, SrtpProfile profile)
    {
        byte[] exported = Engines.Exported(profile, 31);
        using var sender = new SrtpSender(SrtpKeys.FromDtls(profile, exported, true), Engines.Get(engine));
        using var receiver = new SrtpReceiver(SrtpKeys.FromDtls(profile, exported, false), Engines.Get(engine));
        using var theirSender = new LibSrtp(profile, LibSrtp.MasterOf(profile, exported, server: true), Stream);
        using var theirReceiver = new LibSrtp(profile, LibSrtp.MasterOf(profile, exported, server: true), Stream);
        var random = new Random(32);
        for (int words = 2; words <= 300; words++)
        {
            var plain = new byte[words * 4];
            random.NextBytes(plain);
            plain[0] = 0x80;
            plain[1] = 201;
            BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(2), (ushort)(words - 1));
            BinaryPrimitives.WriteUInt32BigEndian(plain.AsSpan(4), Stream);
            byte[] ours = Padded(plain), theirs = Padded(plain), opened = Padded(plain);
            int ourLength = sender.ProtectRtcp(ours, plain.Length), theirLength = plain.Length;
            Assert.Equal(LibSrtp.Ok, theirSender.ProtectRtcp(theirs, ref theirLength));
            Assert.True(ours.AsSpan(0, ourLength).SequenceEqual(theirs.AsSpan(0, theirLength)), $"{words} words");

            Assert.Equal(DropReason.None, receiver.UnprotectRtcp(theirs.AsSpan(0, theirLength), opened, out int openedLength));
            Assert.True(opened.AsSpan(0, openedLength).SequenceEqual(plain));
            Assert.Equal(LibSrtp.Ok, theirReceiver.UnprotectRtcp(ours, ref ourLength));
            Assert.True(ours.AsSpan(0, ourLength).SequenceEqual(plain));
        }
    }

    // A viewer who joins late knows no rollover counter: it decodes only because its stream starts low, in numbers of its own.
    [Theory]
    [MemberData(nameof(Engines.WithProfiles), MemberType = typeof(Engines))]
    public void Protect_LateJoiner_DecodesOnlyAStreamOfItsOwnNumbers(string engine, SrtpProfile profile)
    {
        byte[] exported = Engines.Exported(profile, 41);
        using var sender = new SrtpSender(SrtpKeys.FromDtls(profile, exported, true), Engines.Get(engine));
        var payload = new byte[100];
        int Receive(ulong firstIndex)
        {
            using var viewer = new LibSrtp(profile, LibSrtp.MasterOf(profile, exported, server: true), Stream);
            using var ourViewer = new SrtpReceiver(SrtpKeys.FromDtls(profile, exported, false), Engines.Get(engine));
            var packet = new byte[200];
            int header = new RtpHeaderWriter(packet, false, 96, new SequenceNumber((ushort)firstIndex), default, new Ssrc(Stream)).Finish();
            int length = sender.Protect(packet, header, payload, new Ssrc(Stream), firstIndex);
            RtpHeader.Parse(packet.AsSpan(0, length), out RtpHeader parsed);
            DropReason ours = ourViewer.Unprotect(packet.AsSpan(0, length), parsed, new byte[200], out _);
            int theirs = viewer.Unprotect(packet, ref length);
            Assert.Equal(theirs == LibSrtp.Ok ? DropReason.None : DropReason.Authentication, ours);
            return theirs;
        }

        Assert.Equal(LibSrtp.Ok, Receive(2));
        Assert.Equal(LibSrtp.Ok, Receive(32_000));
        Assert.Equal(LibSrtp.AuthenticationFailed, Receive(65_536 + 2));
    }

    // Where libsrtp says replay or old we say so too; its window is set to our 1,024.
    [Theory]
    [MemberData(nameof(Engines.WithProfiles), MemberType = typeof(Engines))]
    public void Unprotect_ReplayedOldAndChangedPackets_AreRefusedAsByLibsrtp(string engine, SrtpProfile profile)
    {
        byte[] exported = Engines.Exported(profile, 51);
        using var sender = new SrtpSender(SrtpKeys.FromDtls(profile, exported, true), Engines.Get(engine));
        using var receiver = new SrtpReceiver(SrtpKeys.FromDtls(profile, exported, false), Engines.Get(engine));
        using var oracle = new LibSrtp(profile, LibSrtp.MasterOf(profile, exported, server: true), Stream);
        var random = new Random(52);
        ulong highest = 60_000;
        var counts = new Dictionary<DropReason, int>();
        for (int i = 0; i < 6_000; i++)
        {
            ulong index = random.Next(4) == 0 ? highest + (ulong)random.Next(1, 30) : highest - (ulong)random.Next(0, 1300);
            var packet = new byte[200];
            int header = new RtpHeaderWriter(packet, false, 96, new SequenceNumber((ushort)index), default, new Ssrc(Stream)).Finish();
            int length = sender.Protect(packet, header, new byte[20], new Ssrc(Stream), index);
            if (random.Next(10) == 0) packet[random.Next(12, length)] ^= 0x10;
            RtpHeader.Parse(packet.AsSpan(0, length), out RtpHeader parsed);
            DropReason ours = receiver.Unprotect(packet.AsSpan(0, length), parsed, new byte[200], out _);
            DropReason theirs = oracle.Unprotect(packet, ref length) switch
            {
                LibSrtp.Ok => DropReason.None,
                LibSrtp.AuthenticationFailed => DropReason.Authentication,
                LibSrtp.ReplayFailed => DropReason.Replay,
                LibSrtp.ReplayOld => DropReason.TooOld,
                int other => throw new InvalidOperationException($"libsrtp says {other}"),
            };
            Assert.Equal(theirs, ours);
            counts[ours] = counts.GetValueOrDefault(ours) + 1;
            if (ours == DropReason.None) highest = Math.Max(highest, index);
        }

        Assert.Equal([DropReason.None, DropReason.Authentication, DropReason.Replay, DropReason.TooOld], counts.Keys.Order());
        Assert.True(highest > 65_536);
    }

    private static byte[] RandomPacket(Random random, int payloadLength, ushort sequence, out int headerLength)
    {
        int csrcs = random.Next(0, 16), extension = random.Next(3), words = extension == 0 ? 0 : random.Next(0, 6);
        headerLength = 12 + 4 * csrcs + (extension == 0 ? 0 : 4 + 4 * words);
        var packet = new byte[headerLength + payloadLength];
        random.NextBytes(packet);
        packet[0] = (byte)(0x80 | csrcs | (extension == 0 ? 0 : 0x10));
        packet[1] = (byte)random.Next(0, 256);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), Stream);
        if (extension == 0) return packet;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(12 + 4 * csrcs), extension == 1 ? (ushort)0xBEDE : (ushort)0x1000);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(14 + 4 * csrcs), (ushort)words);
        packet.AsSpan(16 + 4 * csrcs, 4 * words).Clear();              // padding elements: libsrtp looks into extensions
        return packet;
    }

    private static byte[] Padded(byte[] bytes, int length = 0)
    {
        var padded = new byte[Math.Max(bytes.Length, length) + 144];   // SRTP_MAX_TRAILER_LEN
        bytes.CopyTo(padded, 0);
        return padded;
    }
}
