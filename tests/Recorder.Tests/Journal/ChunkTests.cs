using System.Security.Cryptography;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Tests.Journal;

public sealed class ChunkTests
{
    /// <summary>Made with Python's cryptography package from docs/evidence.md alone: one RTP packet, key 00..1f, chunk 0.</summary>
    private const string Vector =
        "5346554a010101000192e4a07c1d7a3b8c4d5e6f708192030300000009000000000000000000000015cd5b0700000000008060dbf14b0600290000003000000001"
        + "0000004c3d2e1f07000100070001000100000001000000000000001100000000000000e803000000000000000000000fbdb7dea42c83bd1d65f232182c9199d2c3"
        + "3688d9ca662f00feb384c5ff5ebe5171dbf04797dc6f52f6e1c4bd3bc9e3523ffd03cc07aa49e2ecc8ab4c";

    private const string VectorHash = "36d04ac7c36489de70abb15a2201e3a88278c186b14a3ef3bafacd63c3edd565";

    private static readonly Guid Recording = Guid.Parse("0192e4a0-7c1d-7a3b-8c4d-5e6f70819203");
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] Packet = [0x80, 0x60, 0, 7, 0, 0, 3, 0xe8, 0x1f, 0x2e, 0x3d, 0x4c, .. "media"u8];

    [Fact]
    public void Of_TheCheckString_IsTheCheckValue() => Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));

    [Fact]
    public void Seal_OnePacket_IsWhatThePageSays()
    {
        var chain = new RecordingChain(Recording);
        byte[] frame = Seal(chain, Build());

        Assert.Equal(Vector, Convert.ToHexStringLower(frame));
        Assert.Equal(VectorHash, chain.Last.ToString());
        Assert.Equal(1ul, chain.Next);
    }

    [Fact]
    public void TryOpen_TheVector_GivesTheRecordBack()
    {
        byte[] frame = Convert.FromHexString(Vector);
        Assert.Equal(JournalFailure.None, ChunkReader.TryRead(frame, out ChunkView view));
        byte[] plain = new byte[view.Header.BodySize];
        Assert.Equal(JournalFailure.None, ChunkReader.TryOpen(view, ChainHash.Start(Recording), Key, plain));
        ReadOnlySpan<byte> rest = plain;
        Assert.Equal(JournalFailure.None, JournalRecord.TryTake(ref rest, out JournalRecord record));

        Assert.True(rest.IsEmpty);
        Assert.Equal(Packet, record.Payload);
        Assert.Equal((RecordType.Rtp, RecordMarks.RepairedByRtx, ClockErrorClass.TenMilliseconds), (record.Type, record.Flags, record.Clock));
        Assert.Equal((123_456_789L, 1_772_352_000_000_000L), (record.Mono, record.Wall));
        Assert.Equal(VectorHash, RecordingChain.Link(ChainHash.Start(Recording), view.Linked).ToString());
        Assert.Equal((3u, 9u, ChunkMarks.Restarted), (view.Header.Track, view.Header.KeyEpoch, view.Header.Flags));
    }

    [Fact]
    public void TryRead_CutAnywhere_SaysTruncated()
    {
        byte[] frame = Convert.FromHexString(Vector);
        for (int cut = 0; cut < frame.Length; cut++)
            Assert.Equal(JournalFailure.Truncated, ChunkReader.TryRead(frame.AsSpan(0, cut), out _));
    }

    [Fact]
    public void TryRead_AnyBitChanged_Refuses()
    {
        byte[] frame = Convert.FromHexString(Vector);
        for (int bit = 0; bit < frame.Length * 8; bit++)
        {
            byte[] changed = [.. frame];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(JournalFailure.None, ChunkReader.TryRead(changed, out _));
        }
    }

    [Fact]
    public void TryOpen_OtherKeyOtherPlaceOrOtherClearPart_SaysBadSeal()
    {
        byte[] frame = Convert.FromHexString(Vector);
        byte[] plain = new byte[64];
        byte[] otherKey = [.. Key.Reverse()];
        Assert.Equal(JournalFailure.None, ChunkReader.TryRead(frame, out ChunkView view));
        Assert.Equal(JournalFailure.BadSeal, ChunkReader.TryOpen(view, ChainHash.Start(Recording), otherKey, plain));
        Assert.Equal(JournalFailure.BadSeal, ChunkReader.TryOpen(view, ChainHash.Start(Guid.Empty), Key, plain));
        for (int at = 8; at < frame.Length - ChunkFormat.CrcSize; at++)
        {
            if (at is >= 56 and < 64) continue;                // the sizes: then the crc stands elsewhere
            byte[] changed = [.. frame];
            changed[at] ^= 1;
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(changed.Length - 4), Crc32C.Of(changed.AsSpan(0, changed.Length - 4)));
            Assert.Equal(JournalFailure.None, ChunkReader.TryRead(changed, out ChunkView forged));
            Assert.Equal(JournalFailure.BadSeal, ChunkReader.TryOpen(forged, ChainHash.Start(Recording), Key, plain));
        }
    }

    [Fact]
    public void TryRead_RandomBytes_NeverThrows()
    {
        var random = new Random(4);
        byte[] data = new byte[400];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(data);
            "SFUJ\u0001\u0001"u8.CopyTo(data);
            data.AsSpan(58, 2).Clear();
            Assert.NotEqual(JournalFailure.None, ChunkReader.TryRead(data.AsSpan(0, random.Next(data.Length)), out _));
            SideIndex.TryRead(data.AsSpan(64), out _);
            ReadOnlySpan<byte> rest = data.AsSpan(64);
            while (!rest.IsEmpty && JournalRecord.TryTake(ref rest, out _) == JournalFailure.None) { }
        }
    }

    [Fact]
    public void MustCloseFor_TimeSizeOrStreams_SaysSo()
    {
        var builder = new ChunkBuilder(1);
        Assert.False(builder.MustCloseFor(long.MaxValue, JournalRecord.MaxPayload, null));
        Add(builder, 0, 1, 1);
        Assert.False(builder.MustCloseFor(250_000_000, 100, 1));
        Assert.True(builder.MustCloseFor(250_000_001, 100, 1));
        Assert.True(builder.MustCloseFor(1, JournalRecord.MaxPayload, 1));
        for (uint ssrc = 2; ssrc <= SideIndexBuilder.MaxEntries; ssrc++)
        {
            Assert.False(builder.MustCloseFor(1, 100, ssrc));
            Add(builder, 0, ssrc, 1);
        }

        Assert.True(builder.MustCloseFor(1, 100, 1000));
        Assert.False(builder.MustCloseFor(1, 100, 5));
    }

    private static void Add(ChunkBuilder builder, long mono, uint ssrc, uint number) =>
        builder.AddRtp(new JournalRecord(RecordType.Rtp, RecordMarks.None, ClockErrorClass.Unknown, mono, 0, Packet), ssrc, number);

    private static ChunkBuilder Build()
    {
        var builder = new ChunkBuilder(3);
        builder.AddRtp(
            new JournalRecord(RecordType.Rtp, RecordMarks.RepairedByRtx, ClockErrorClass.TenMilliseconds, 123_456_789, 1_772_352_000_000_000, Packet),
            0x1f2e3d4c, 65_543);
        return builder;
    }

    private static byte[] Seal(RecordingChain chain, ChunkBuilder builder)
    {
        using var gcm = new AesGcm(Key, ChunkFormat.TagSize);
        byte[] index = new byte[builder.IndexSize];
        builder.WriteIndex(index);
        byte[] room = new byte[ChainHash.Size + ChunkSealer.SizeOf(index.Length, builder.Body.Length)];
        ChunkSealer.Seal(
            chain, gcm, new ChunkHeader(0, ChunkMarks.Restarted, Recording, 3, 9, 77, builder.FirstMono, builder.FirstWall, 0, 0), index, builder.Body, room);
        return room[ChainHash.Size..];
    }
}
