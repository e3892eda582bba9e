using System.Buffers.Binary;
using CsCheck;
using Sfu.Router.Transport;

namespace Sfu.Router.Tests.Transport;

/// <summary>RFC 4571 framing, however the stream is cut.</summary>
public sealed class FrameReaderTests
{
    [Fact]
    public void TryRead_StreamSplitAtEveryByte_GivesTheSameFrames()
    {
        byte[][] frames = [Frame(1), Frame(0), Frame(20), Frame(300), Frame(FrameReader.MaxFrame), Frame(2)];
        byte[] stream = Stream(frames);
        byte[][] expected = [.. frames.Where(frame => frame.Length > 0)];
        for (int cut = 0; cut <= stream.Length; cut++)
        {
            using var reader = new FrameReader();
            List<byte[]> read = [];

            Feed(reader, stream.AsSpan(0, cut), read);
            Feed(reader, stream.AsSpan(cut), read);

            AssertSame(expected, read);
        }
    }

    [Fact]
    public void TryRead_OneByteAtATime_GivesTheSameFrames()
    {
        byte[][] frames = [Frame(5), Frame(1500), Frame(1), Frame(700)];
        using var reader = new FrameReader();
        List<byte[]> read = [];

        foreach (byte value in Stream(frames)) Assert.True(Feed(reader, [value], read));

        Assert.Equal(frames, read);
    }

    [Fact]
    public void TryRead_AnyFramesInAnyPieces_GivesTheSameFrames() =>
        Gen.Select(Gen.Int[0, FrameReader.MaxFrame].Array[0, 40], Gen.Int[1, 9000].Array[1, 20]).Sample((lengths, pieces) =>
        {
            byte[][] frames = [.. lengths.Select(Frame)];
            byte[] stream = Stream(frames);
            using var reader = new FrameReader();
            List<byte[]> read = [];
            for (int at = 0, piece = 0; at < stream.Length; piece++)
            {
                int length = Math.Min(pieces[piece % pieces.Length], stream.Length - at);
                Assert.True(Feed(reader, stream.AsSpan(at, length), read));
                at += length;
            }

            AssertSame([.. frames.Where(frame => frame.Length > 0)], read);
        }, iter: 300);

    [Theory]
    [InlineData(FrameReader.MaxFrame + 1)]
    [InlineData(ushort.MaxValue)]
    public void TryRead_LengthBeyondTheLimit_SaysBrokenAtOnce(int length)
    {
        using var reader = new FrameReader();
        List<byte[]> read = [];

        bool isOpen = Feed(reader, [0, 1, 42, (byte)(length >> 8), (byte)length], read);

        Assert.False(isOpen);
        Assert.Equal([[42]], read);                        // what came before it is still good
    }

    [Fact]
    public void Free_AfterCompact_HasRoomForAWholeFrame()
    {
        using var reader = new FrameReader();
        List<byte[]> read = [];
        byte[] partial = Stream([Frame(FrameReader.MaxFrame)])[..^1];

        Assert.True(Feed(reader, partial, read));
        reader.Compact();

        Assert.Equal(partial, reader.Pending.ToArray());
        Assert.True(reader.Free.Length >= FrameReader.MaxFrame);
    }

    /// <summary>As Assert.Equal, but not byte by byte.</summary>
    private static void AssertSame(byte[][] expected, List<byte[]> read)
    {
        Assert.Equal(expected.Length, read.Count);
        for (int i = 0; i < expected.Length; i++) Assert.True(expected[i].AsSpan().SequenceEqual(read[i]), $"frame {i}");
    }

    private static byte[] Frame(int length)
    {
        var frame = new byte[length];
        for (int i = 0; i < length; i++) frame[i] = (byte)(length + i);
        return frame;
    }

    private static byte[] Stream(byte[][] frames)
    {
        List<byte> stream = [];
        Span<byte> prefix = stackalloc byte[2];
        foreach (byte[] frame in frames)
        {
            BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)frame.Length);
            stream.AddRange(prefix);
            stream.AddRange(frame);
        }

        return [.. stream];
    }

    private static bool Feed(FrameReader reader, ReadOnlySpan<byte> bytes, List<byte[]> read)
    {
        bool isBroken = false;
        while (!isBroken && bytes.Length > 0)
        {
            reader.Compact();
            int length = Math.Min(bytes.Length, reader.Free.Length);
            bytes[..length].CopyTo(reader.Free);
            bytes = bytes[length..];
            reader.Advance(length);
            while (reader.TryRead(out Span<byte> frame, out isBroken)) read.Add(frame.ToArray());
        }

        return !isBroken;
    }
}
