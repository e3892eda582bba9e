using System.Buffers.Binary;
using CsCheck;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;

namespace Sfu.Media.Tests.Srtp;

/// <summary>AES-CM packets that are protected together against the same packets one by one, and against libsrtp2.</summary>
public sealed class SrtpBatchTests
{
    private const SrtpProfile Cm = SrtpProfile.Aes128CmHmacSha1Tag80;
    private const int Senders = 5;
    private const int Stride = 1600;

    private readonly byte[] _memory = GC.AllocateArray<byte>(300 * Stride, pinned: true);

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void Flush_AnyPacketsOfManySenders_GivesTheBytesOfOneByOne(string engine)
    {
        using SrtpBatch batch = Engines.Get(engine).CreateBatch();
        using var senders = new Pairs(engine);
        Gen.Select(Gen.Int[0, Senders - 1], Gen.Int[12, 96], Gen.OneOf(Gen.Int[0, 1460], Gen.Int[0, 1].Select(i => 100 + 1060 * i)), Gen.ULong[0, (1UL << 48) - 1])
            .Array[1, 250].Sample(packets =>
            {
                var expected = new byte[packets.Length][];
                for (int i = 0; i < packets.Length; i++)
                {
                    (int sender, int header, int length, ulong index) = packets[i];
                    byte[] plain = Plain(i, header + length);
                    expected[i] = new byte[Stride];
                    plain.AsSpan(0, header).CopyTo(expected[i]);
                    Span<byte> destination = At(i);
                    destination.Clear();
                    plain.AsSpan(0, header).CopyTo(destination);
                    int one = senders.One[sender].Protect(expected[i], header, plain.AsSpan(header), new Ssrc((uint)i), index);
                    int together = senders.Batched[sender].Protect(destination, header, plain.AsSpan(header), new Ssrc((uint)i), index, batch);
                    Assert.Equal(one, together);
                }

                batch.Flush();

                Assert.Equal(0, batch.Count);
                for (int i = 0; i < packets.Length; i++) Assert.True(At(i).SequenceEqual(expected[i]), $"packet {i}: {packets[i]}");
            }, iter: 60, threads: 1);
    }

    // End to end, as in the send slab: a tag is written after the packet behind it.
    [Fact]
    public void Flush_PacketsEndToEnd_GivesTheBytesOfLibsrtp()
    {
        byte[] exported = Engines.Exported(Cm, 61);
        using SrtpBatch batch = SrtpEngine.Best.CreateBatch();
        using var sender = new SrtpSender(SrtpKeys.FromDtls(Cm, exported, true));
        var random = new Random(62);
        for (int count = 1; count <= 70; count++)
        {
            int end = 0;
            var expected = new byte[_memory.Length];
            uint rollover = (uint)random.NextInt64(1L << 32);
            for (int i = 0; i < count; i++)
            {
                int length = random.Next(0, 1400);
                byte[] plain = Plain(random.Next(), 12 + length);
                BinaryPrimitives.WriteUInt16BigEndian(plain.AsSpan(2), (ushort)i);
                BinaryPrimitives.WriteUInt32BigEndian(plain.AsSpan(8), 7);
                plain[0] = 0x80;
                plain.CopyTo(_memory.AsSpan(end));
                plain.CopyTo(expected.AsSpan(end));
                int theirs = plain.Length;
                using (var oracle = new LibSrtp(Cm, LibSrtp.MasterOf(Cm, exported, server: true), 7))
                {
                    if (rollover != 0) oracle.SetRollover(7, rollover);
                    var one = new byte[plain.Length + SrtpLimits.MaxOverhead];
                    plain.CopyTo(one, 0);
                    Assert.Equal(LibSrtp.Ok, oracle.Protect(one, ref theirs));
                    one.AsSpan(0, theirs).CopyTo(expected.AsSpan(end));
                }

                int ours = sender.Protect(_memory.AsSpan(end), 12, plain.AsSpan(12), new Ssrc(7), (ulong)rollover << 16 | (uint)i, batch);
                Assert.Equal(theirs, ours);
                end += ours;
            }

            batch.Flush();
            Assert.True(_memory.AsSpan(0, end).SequenceEqual(expected.AsSpan(0, end)), $"{count} packets");
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(4, 0)]
    [InlineData(5, 5)]
    [InlineData(16, 16)]
    [InlineData(36, 32)]
    [InlineData(64, 64)]
    [InlineData(100, 64 + 36 - 4)]
    public void Flush_SomePackets_TakesTogetherWhatFillsLanes(int packets, int together)
    {
        using SrtpBatch batch = SrtpEngine.Best.CreateBatch();
        using var senders = new Pairs(SrtpEngine.Best.Name);
        for (int i = 0; i < packets; i++) senders.Batched[0].Protect(At(i), 12, new byte[100], new Ssrc(1), (ulong)i, batch);
        batch.Flush();

        if (!batch.IsEnabled || !SrtpEngine.Best.Description.Contains("AVX-512", StringComparison.Ordinal)) return;   // eight lanes, or none
        Assert.Equal((together, packets - together), (batch.Together, batch.Singly));
    }

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm, 100)]
    [InlineData(SrtpProfile.AeadAes256Gcm, 100)]
    [InlineData(Cm, 0)]
    public void Protect_WhatABatchIsNotFor_IsProtectedAtOnce(SrtpProfile profile, int length)
    {
        using SrtpBatch batch = SrtpEngine.Best.CreateBatch();
        (SrtpSender sender, SrtpReceiver receiver) = Engines.Pair(SrtpEngine.Best.Name, profile);
        using (sender)
        using (receiver)
        {
            new RtpHeaderWriter(At(0), false, 96, new SequenceNumber(1), default, new Ssrc(9)).Finish();
            int protectedLength = sender.Protect(At(0), 12, new byte[length], new Ssrc(9), 1, batch);

            Assert.Equal(0, batch.Count);
            Assert.Equal(DropReason.None, RtpHeader.Parse(At(0)[..protectedLength], out RtpHeader header));
            Assert.Equal(DropReason.None, receiver.Unprotect(At(0)[..protectedLength], header, At(1), out _));
        }
    }

    [Fact]
    public void Flush_SenderGoneMeanwhile_RefusesToUseItsKeys()
    {
        using SrtpBatch batch = SrtpEngine.Best.CreateBatch();
        using var senders = new Pairs(SrtpEngine.Best.Name);
        for (int i = 0; i < 8; i++) senders.Batched[0].Protect(At(i), 12, new byte[100], new Ssrc(1), (ulong)i, batch);
        senders.Batched[0].Dispose();

        if (batch.Count > 0) Assert.Throws<ObjectDisposedException>(batch.Flush);
        Assert.Throws<ObjectDisposedException>(() => senders.Batched[0].Protect(At(0), 12, default, new Ssrc(1), 9, batch));
    }

    private Span<byte> At(int packet) => _memory.AsSpan(packet * Stride, Stride);

    private static byte[] Plain(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Senders with the same keys: one by one, and together.</summary>
    private sealed class Pairs : IDisposable
    {
        public Pairs(string engine)
        {
            One = [.. Enumerable.Range(0, Senders).Select(seed => Make(SrtpEngine.OpenSsl, seed))];
            Batched = [.. Enumerable.Range(0, Senders).Select(seed => Make(Engines.Get(engine), seed))];
        }

        public SrtpSender[] One { get; }

        public SrtpSender[] Batched { get; }

        public void Dispose()
        {
            foreach (SrtpSender sender in One.Concat(Batched)) sender.Dispose();
        }

        private static SrtpSender Make(SrtpEngine engine, int seed) => new(SrtpKeys.FromDtls(Cm, Engines.Exported(Cm, 70 + seed), true), engine);
    }
}
