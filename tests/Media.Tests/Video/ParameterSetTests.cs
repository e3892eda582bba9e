using System.Buffers.Binary;
using Sfu.Media.Codecs;
using Sfu.Media.Video;

namespace Sfu.Media.Tests.Video;

/// <summary>Parameter sets, sizes in them, and where decoding of H.264 and H.265 may begin.</summary>
public sealed class ParameterSetTests
{
    private static readonly byte[] StartCode = [0, 0, 0, 1];

    [Fact]
    public void TryReadSequence_CroppedInterlacedHighProfile_GivesTheShownSize()
    {
        // 1920x1080 in fields: 120 x 34 macroblock pairs, 1088 lines, of which 4 units of 2 lines are cut; with a scaling list.
        var bits = new BitWriter().Ue(3).Ue(1).Ue(0).Ue(0).Add(1, 0).Add(1, 1);
        bits.Add(1, 1);
        for (int i = 0; i < 16; i++) bits.Ue(0);                                                // se(0): as the one before
        bits.Add(7, 0).Ue(0).Ue(0).Ue(0).Ue(2).Add(1, 0).Ue(119).Ue(33).Add(1, 0).Add(1, 0).Add(1, 1).Add(1, 1).Ue(0).Ue(0).Ue(0).Ue(2).Add(1, 0);
        byte[] unit = [0x67, 100, 0, 31, .. bits.ToBytes(), 0x80];

        Assert.True(H264ParameterSet.TryReadSequence(unit, out int id, out int width, out int height));

        Assert.Equal((3, 1920, 1080), (id, width, height));
        for (int length = 0; length < unit.Length - 3; length++)
            Assert.False(H264ParameterSet.TryReadSequence(unit.AsSpan(0, length), out _, out _, out _));
    }

    [Fact]
    public void TryReadSequence_EmulationPrevention_IsPassedOver()
    {
        // Order count of kind 1 with offsets whose code words hold 24 zero bits: bytes 00 00 03 in the unit.
        var bits = new BitWriter().Ue(0).Ue(0).Ue(1).Add(1, 0).Ue(0xFF_FFFF).Ue(0).Ue(0).Ue(1).Add(1, 0).Ue(19).Ue(10).Add(1, 1).Add(1, 1).Add(1, 0).Add(1, 0);
        byte[] plain = [0x67, 66, 0, 31, .. bits.ToBytes(), 0x80];
        byte[] escaped = Escape(plain);
        Assert.True(escaped.Length > plain.Length);

        Assert.True(H264ParameterSet.TryReadSequence(escaped, out _, out int width, out int height));

        Assert.Equal((320, 176), (width, height));
    }

    [Fact]
    public void ReadUe_MoreLeadingZerosThanANumberHas_Fails()
    {
        var reader = new BitReader([0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], isEscaped: false);
        Assert.Equal(0u, reader.ReadUe());
        Assert.True(reader.Failed);

        reader = new BitReader(new BitWriter().Ue(0).Ue(1).Ue(5).Ue(70_000).ToBytes(), isEscaped: false);
        Assert.Equal([0u, 1u, 5u, 70_000u], [reader.ReadUe(), reader.ReadUe(), reader.ReadUe(), reader.ReadUe()]);
        Assert.False(reader.Failed);
    }

    [Theory]
    [InlineData(MediaCodec.H264)]
    [InlineData(MediaCodec.H265)]
    public void TryTake_LengthPrefixed_HasTheSameUnits(MediaCodec codec)
    {
        VideoRecording recording = VideoRecording.Of(codec);
        List<Assembled> plain = Assembled.Run(new FrameAssembler(codec), recording.Packets);
        List<Assembled> prefixed = Assembled.Run(new FrameAssembler(codec, new FrameAssemblerOptions { Framing = NalFraming.LengthPrefixed }), recording.Packets);

        Assert.Equal(plain.Count, prefixed.Count);
        foreach ((Assembled a, Assembled b) in plain.Zip(prefixed))
        {
            Assert.Equal(a.Units, b.Units);
            foreach (FrameUnit unit in b.Units)
            {
                Assert.Equal(unit.Length, BinaryPrimitives.ReadInt32BigEndian(b.Data.AsSpan(unit.Offset - 4)));
                Assert.Equal(a.Data.AsSpan(unit.Offset, unit.Length), b.Data.AsSpan(unit.Offset, unit.Length));
            }
            Assert.Equal(b.Data.Length, b.Units.Sum(unit => 4 + unit.Length));
        }
    }

    [Theory]
    [InlineData(MediaCodec.H264, 2)]
    [InlineData(MediaCodec.H265, 3)]
    [InlineData(MediaCodec.Av1, 1)]
    public void ParameterSets_OfAStream_AreThoseOfItsLastKeyFrame(MediaCodec codec, int count)
    {
        VideoRecording recording = VideoRecording.Of(codec);
        var assembler = new FrameAssembler(codec);

        List<Assembled> frames = Assembled.Run(assembler, recording.Packets);

        VideoParameterSets sets = assembler.ParameterSets!;
        Assert.Equal((count, 130, 98), (sets.Count, sets.Width, sets.Height));
        Assert.Equal([0, 18], Enumerable.Range(0, frames.Count).Where(i => frames[i].Info.AreParameterSetsChanged));
        byte[] blob = new byte[1000];
        int length = sets.CopyTo(NalFraming.AnnexB, blob);
        Assert.Contains(recording.Frames, frame => frame.AsSpan().IndexOf(blob.AsSpan(0, length)) >= 0);
        Assert.Equal(length, sets.CopyTo(NalFraming.AnnexB, []));
    }

    [Theory]
    [InlineData(MediaCodec.H264)]
    [InlineData(MediaCodec.H265)]
    public void AddParameterSet_SetsFromTheOffer_MakeKeyFramesDecodable(MediaCodec codec)
    {
        List<byte[]> units = UnitsOfFirstFrame(codec);
        List<byte[]> sets = [.. units.Where(unit => IsSet(codec, unit))], rest = [.. units.Where(unit => !IsSet(codec, unit))];
        List<VideoPacket> packets = [.. rest.Select((unit, i) => VideoPacket.Of(i, 0, 3000, i == rest.Count - 1, unit))];

        Assert.All(Assembled.Run(new FrameAssembler(codec), packets), frame => Assert.True(frame.Info is { IsKeyFrame: true, IsDecodable: false }));

        var assembler = new FrameAssembler(codec);
        foreach (byte[] set in sets) Assert.True(assembler.AddParameterSet(set));
        Assert.False(assembler.AddParameterSet([0x01, 0x02]));
        Assembled frame = Assert.Single(Assembled.Run(assembler, packets));
        Assert.True(frame.Info is { IsKeyFrame: true, IsDecodable: true, Width: 160, Height: 90 });
    }

    [Fact]
    public void TryTake_SetsInAFrameOfTheirOwn_GoBeforeTheNextFrame()
    {
        List<byte[]> units = UnitsOfFirstFrame(MediaCodec.H264);
        List<byte[]> sets = [.. units.Where(unit => IsSet(MediaCodec.H264, unit))], rest = [.. units.Where(unit => !IsSet(MediaCodec.H264, unit) && (unit[0] & 0x1F) != 9)];
        List<VideoPacket> packets =
        [
            .. sets.Select((unit, i) => VideoPacket.Of(i, 0, 1000, i == sets.Count - 1, unit)),
            .. rest.Select((unit, i) => VideoPacket.Of(sets.Count + i, 1, 4000, i == rest.Count - 1, unit)),
        ];

        Assembled frame = Assert.Single(Assembled.Run(new FrameAssembler(MediaCodec.H264), packets));

        Assert.Equal(sets.Concat(rest).SelectMany(unit => StartCode.Concat(unit)), frame.Data);
        Assert.True(frame.Info is { IsKeyFrame: true, IsDecodable: true });
    }

    // A stream without key frames: decoding begins at a recovery point, and is right three frames later.
    [Fact]
    public void TryTake_RecoveryPointAfterLoss_IsDecodableAndRecovers()
    {
        List<byte[]> sets = [.. UnitsOfFirstFrame(MediaCodec.H264).Where(unit => IsSet(MediaCodec.H264, unit))];
        byte[] recovery = [0x06, 6, 1, .. new BitWriter().Ue(3).Add(3, 0b001).ToBytes(), 0x80];
        byte[] slice = [0x41, .. new BitWriter().Ue(0).Ue(5).Ue(0).Add(8, 0xAA).ToBytes()];
        var assembler = new FrameAssembler(MediaCodec.H264);
        foreach (byte[] set in sets) assembler.AddParameterSet(set);
        var packets = new List<VideoPacket>();
        for (int i = 0; i < 8; i++)
        {
            if (i == 2) packets.Add(VideoPacket.Of(packets.Count, i, (uint)i * 3000, false, recovery));
            packets.Add(VideoPacket.Of(packets.Count, i, (uint)i * 3000, true, slice));
        }

        List<Assembled> frames = Assembled.Run(assembler, packets);

        Assert.Equal([false, false, true, true, true, true, true, true], frames.Select(frame => frame.Info.IsDecodable));
        Assert.Equal([2, 3, 4], Enumerable.Range(0, 8).Where(i => frames[i].Info.IsRecovering));
        Assert.False(assembler.KeyFrameNeeded);
    }

    // A CRA picture begins the stream: its RASL pictures need what was before it, the pictures after them do not.
    [Fact]
    public void TryTake_LeadingPicturesOfTheFirstRandomAccess_AreNotDecodable()
    {
        var assembler = new FrameAssembler(MediaCodec.H265);
        foreach (byte[] set in UnitsOfFirstFrame(MediaCodec.H265).Where(unit => IsSet(MediaCodec.H265, unit))) assembler.AddParameterSet(set);
        int[] types = [21, 9, 8, 1, 21, 9, 1];

        List<Assembled> frames = Assembled.Run(assembler, types.Select((type, i) =>
            VideoPacket.Of(i, i, (uint)i * 3000, true, [(byte)(type << 1), 1, (byte)(type == 21 ? 0xA0 : 0xC0), 0x55, 0x55])));

        Assert.Equal([true, false, false, true, true, true, true], frames.Select(frame => frame.Info.IsDecodable));
        Assert.Equal([0, 4], Enumerable.Range(0, 7).Where(i => frames[i].Info.IsKeyFrame));
    }

    [Fact]
    public void TryRead_Av1HeaderWithTimingAndOperatingPoints_GivesTheSize()
    {
        var bits = new BitWriter().Add(5, 0).Add(1, 1).Add(32, 1).Add(32, 30).Add(1, 1).Ue(0).Add(1, 1).Add(5, 9).Add(32, 1).Add(10, 0).Add(1, 1).Add(5, 1);
        for (int i = 0; i < 2; i++) bits.Add(12, 0).Add(5, 8).Add(1, 0).Add(1, 1).Add(21, 0).Add(1, 1).Add(4, 3);
        byte[] content = bits.Add(4, 10).Add(4, 9).Add(11, 1279).Add(10, 719).ToBytes();

        Assert.True(Av1SequenceHeader.TryRead(content, out int width, out int height));

        Assert.Equal((1280, 720), (width, height));
        for (int length = 0; length < content.Length - 1; length++) Assert.False(Av1SequenceHeader.TryRead(content.AsSpan(0, length), out _, out _));
    }

    private static List<byte[]> UnitsOfFirstFrame(MediaCodec codec)
    {
        Assembled frame = Assembled.Run(new FrameAssembler(codec), VideoRecording.Of(codec).Packets)[0];
        return [.. frame.Units.Select(unit => frame.Data.AsSpan(unit.Offset, unit.Length).ToArray())];
    }

    private static bool IsSet(MediaCodec codec, byte[] unit) =>
        codec == MediaCodec.H264 ? (unit[0] & 0x1F) is 7 or 8 : (unit[0] >> 1 & 0x3F) is >= 32 and <= 34;

    private static byte[] Escape(byte[] unit)
    {
        var escaped = new List<byte>();
        int zeros = 0;
        foreach (byte part in unit)
        {
            if (zeros >= 2 && part <= 3)
            {
                escaped.Add(3);
                zeros = 0;
            }
            escaped.Add(part);
            zeros = part == 0 ? zeros + 1 : 0;
        }
        return [.. escaped];
    }
}
