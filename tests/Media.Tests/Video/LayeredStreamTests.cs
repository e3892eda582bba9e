using CsCheck;
using Sfu.Media.Codecs;
using Sfu.Media.Rtp;
using Sfu.Media.Video;

namespace Sfu.Media.Tests.Video;

/// <summary>Streams that say which frame needs which: what is lost in an upper layer does not stop the lower ones.</summary>
public sealed class LayeredStreamTests
{
    private static readonly HeaderExtensionMap Descriptors = new([new(12, HeaderExtensionKind.DependencyDescriptor)]);

    // Layer 0 needs layer 0; layer 1 of each group layer 0 only; the first frame of layer 2 layer 0 only, the second all three.
    [Fact]
    public void TryTake_Vp8TemporalLayersWithLosses_GivesWhatTheLayersAllow()
    {
        List<VideoPacket> packets = LayeredStreams.Vp8(48, keyFrameInterval: 20);
        Gen.Int[0, 99].Array[packets.Count].Sample(dice =>
        {
            List<Assembled> frames = Run(MediaCodec.Vp8, packets, dice, lossPercent: 8, out bool[] isComplete);
            var expected = new List<int>();
            bool[] isIntact = new bool[3];
            for (int i = 0; i < isComplete.Length; i++)
            {
                bool isKey = i % 20 == 0, hasGap = i > 0 && !isComplete[i - 1];
                if (!isComplete[i])
                {
                    if (i % 4 == 0) isIntact = new bool[3];
                    isIntact[1] = isIntact[2] = false;
                    continue;
                }
                int layer = LayeredStreams.TemporalLayerOf(i);
                if (isKey) isIntact = [true, true, true];
                else if (i % 4 is 1 or 2) isIntact[layer] = isIntact[0];
                bool isDecodable = i % 4 == 3 ? isIntact[0] && isIntact[1] && isIntact[2] : isIntact[layer];
                if (isDecodable) expected.Add(i);
            }

            Assert.Equal(expected, frames.Where(frame => frame.Info.IsDecodable).Select(PictureOf));
        }, iter: 500);
    }

    [Fact]
    public void TryTake_Vp8LossInTopLayer_NeedsNoKeyFrame()
    {
        List<VideoPacket> packets = LayeredStreams.Vp8(16);
        var assembler = new FrameAssembler(MediaCodec.Vp8);

        List<Assembled> frames = Assembled.Run(assembler, packets.Where(packet => packet.Frame != 5));

        Assert.Equal(Enumerable.Range(0, 16).Except([5, 7]), frames.Where(frame => frame.Info.IsDecodable).Select(PictureOf));
        Assert.False(assembler.KeyFrameNeeded);
        Assert.Equal([0, 2, 1, 2], frames.Take(4).Select(frame => frame.Info.TemporalLayer));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TryTake_Vp9SpatialLayers_GivesSuperframes(bool isFlexible)
    {
        List<Assembled> frames = Assembled.Run(new FrameAssembler(MediaCodec.Vp9), LayeredStreams.Vp9(8, isFlexible));

        Assert.Equal(8, frames.Count);
        for (int i = 0; i < 8; i++)
        {
            byte[] lower = LayeredStreams.Vp9Frame(i, 0, i == 0), upper = LayeredStreams.Vp9Frame(i, 1, i == 0);
            byte[] index = [0xC1, (byte)lower.Length, (byte)upper.Length, 0xC1];
            Assert.Equal([.. lower, .. upper, .. index], frames[i].Data);
            Assert.Equal((320, 180, 2, 1), (frames[i].Info.Width, frames[i].Info.Height, frames[i].Info.LayerFrames, frames[i].Info.SpatialLayer));
            Assert.True(frames[i].Info.IsDecodable && !frames[i].Info.IsMissingLayers);
            Assert.Equal(i == 0, frames[i].Info.IsKeyFrame);
        }
    }

    // A layer frame needs its own layer of the picture before (flexible), or of the picture that the group says; the upper layer needs
    // the lower one only in a key picture.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TryTake_Vp9LayersWithLosses_GivesWhatTheReferencesAllow(bool isFlexible)
    {
        List<VideoPacket> packets = LayeredStreams.Vp9(40, isFlexible, keyFrameInterval: 16);
        Gen.Int[0, 99].Array[packets.Count].Sample(dice =>
        {
            List<Assembled> frames = Run(MediaCodec.Vp9, packets, dice, lossPercent: 6, out bool[] isComplete);
            bool[] isIntact = new bool[isComplete.Length];
            var expected = new List<(int Picture, int Layers)>();
            for (int picture = 0; picture < 40; picture++)
            {
                bool isKey = picture % 16 == 0;
                for (int layer = 0; layer < 2; layer++)
                {
                    int at = 2 * picture + layer, back = isFlexible || picture % 2 == 1 ? 1 : 2;
                    isIntact[at] = isComplete[at] && (isKey ? layer == 0 || isIntact[at - 1] : picture >= back && isIntact[at - 2 * back]);
                }
                int layers = (isIntact[2 * picture] ? 1 : 0) + (isIntact[2 * picture + 1] ? 1 : 0);
                if (layers > 0) expected.Add((picture, layers));
            }

            Assert.Equal(expected, frames.Where(frame => frame.Info.IsDecodable).Select(frame => (PictureOf(frame), frame.Info.LayerFrames)));
        }, iter: 500);
    }

    [Fact]
    public void TryTake_Av1WithDescriptorsAndLosses_GivesWhatTheReferencesAllow()
    {
        List<VideoPacket> packets = LayeredStreams.Av1(40, keyFrameInterval: 16);
        Gen.Int[0, 99].Array[packets.Count].Sample(dice =>
        {
            List<Assembled> frames = Run(MediaCodec.Av1, packets, dice, lossPercent: 6, out bool[] isComplete);
            bool[] isIntact = new bool[isComplete.Length];
            var expected = new List<(int Picture, int Layers)>();
            for (int at = 0; at < isComplete.Length; at++)
            {
                bool isKey = at / 2 % 16 == 0;
                bool hasLower = at % 2 == 0 || isIntact[at - 1], hasEarlier = isKey || at >= 2 && isIntact[at - 2];
                isIntact[at] = isComplete[at] && hasLower && hasEarlier;
                if (at % 2 == 1 && isIntact[at - 1]) expected.Add((at / 2, isIntact[at] ? 2 : 1));
            }

            Assert.Equal(expected, frames.Where(frame => frame.Info.IsDecodable).Select(frame => (PictureOf(frame), frame.Info.LayerFrames)));
        }, iter: 500);
    }

    [Fact]
    public void TryTake_Av1WithDescriptors_GivesSizesAndLayers()
    {
        var assembler = new FrameAssembler(MediaCodec.Av1, new FrameAssemblerOptions { Extensions = Descriptors, WithTemporalDelimiter = true });

        List<Assembled> frames = Assembled.Run(assembler, LayeredStreams.Av1(4));

        Assert.Equal(4, frames.Count);
        byte[] lower = LayeredStreams.Av1Frame(1, 0, false), upper = LayeredStreams.Av1Frame(1, 1, false);
        (lower[0], upper[0]) = (0x36, 0x36);
        Assert.Equal([0x12, 0x00, .. lower[..2], 41, .. lower[2..], .. upper[..2], 41, .. upper[2..]], frames[1].Data);
        Assert.Equal([new FrameUnit(2, 44), new FrameUnit(46, 44)], frames[1].Units);
        Assert.Equal((320, 180, 2, 1), (frames[1].Info.Width, frames[1].Info.Height, frames[1].Info.LayerFrames, frames[1].Info.SpatialLayer));
        Assert.True(frames[0].Info.IsKeyFrame && frames[0].Info.AreParameterSetsChanged && !frames[1].Info.IsKeyFrame);
        Assert.Equal((160, 90), (assembler.ParameterSets!.Width, assembler.ParameterSets.Height));
    }

    private static List<Assembled> Run(MediaCodec codec, List<VideoPacket> packets, int[] dice, int lossPercent, out bool[] isComplete)
    {
        bool[] isThere = new bool[packets[^1].Frame + 1];
        Array.Fill(isThere, true);
        for (int i = 0; i < packets.Count; i++) isThere[packets[i].Frame] &= dice[i] >= lossPercent;
        isComplete = isThere;
        return Assembled.Run(new FrameAssembler(codec, new FrameAssemblerOptions { Extensions = Descriptors }), packets.Where((_, i) => dice[i] >= lossPercent));
    }

    private static int PictureOf(Assembled frame) => (int)((uint)frame.Info.Timestamp - 4_294_900_000U) / 6000;
}
