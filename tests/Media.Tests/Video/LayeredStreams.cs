using Sfu.Media.Codecs;

namespace Sfu.Media.Tests.Video;

/// <summary>Made-up streams with layers, which GStreamer's payloaders do not make: headers are real, what a decoder would read behind them is
/// filling. Frames (layer frames, where there are spatial layers) have two packets each.</summary>
internal static class LayeredStreams
{
    private const int Filling = 40;
    private static readonly int[] ThreeLayers = [0, 2, 1, 2];

    /// <summary>The layered stream of a codec, if there is one.</summary>
    public static IReadOnlyList<VideoPacket> Of(MediaCodec codec) => codec switch
    {
        MediaCodec.Vp8 => Vp8(16),
        MediaCodec.Vp9 => Vp9(16, isFlexible: true),
        MediaCodec.Av1 => Av1(16),
        _ => VideoRecording.Of(codec).Packets,
    };

    /// <summary>Temporal layer of a picture.</summary>
    public static int TemporalLayerOf(int picture) => ThreeLayers[picture % 4];

    /// <summary>VP8 with three temporal layers: 0 2 1 2, the first frame of each upper layer a synchronisation point in every group.</summary>
    public static List<VideoPacket> Vp8(int pictures, int firstPictureId = 32_760, int keyFrameInterval = 1000)
    {
        var packets = new List<VideoPacket>();
        byte tl0 = 250;
        for (int i = 0; i < pictures; i++)
        {
            int layer = TemporalLayerOf(i), id = firstPictureId + i & 0x7FFF;
            if (layer == 0) tl0++;
            bool isKey = i % keyFrameInterval == 0, isSync = i % 4 is 1 or 2;
            byte[] frame = [.. isKey ? new byte[] { 0x10, 0, 0, 0x9D, 0x01, 0x2A, 64, 1, 180, 0 } : [0x11, 0, 0], .. Fill(i)];
            for (int part = 0; part < 2; part++)
            {
                byte[] head = [(byte)(part == 0 ? 0x90 : 0x80), 0xE0, (byte)(0x80 | id >> 8), (byte)id, tl0, (byte)(layer << 6 | (isSync ? 0x20 : 0))];
                Add(packets, i, i, part == 1, [.. head, .. part == 0 ? frame[..20] : frame[20..]]);
            }
        }
        return packets;
    }

    /// <summary>VP9 with two spatial layers and, in flexible mode, references to the picture before; else one key picture with a structure
    /// whose group has two temporal layers.</summary>
    public static List<VideoPacket> Vp9(int pictures, bool isFlexible, int keyFrameInterval = 1000)
    {
        var packets = new List<VideoPacket>();
        byte tl0 = 250;
        for (int i = 0; i < pictures; i++)
        {
            bool isKey = i % keyFrameInterval == 0;
            int temporal = isFlexible || i % 2 == 0 ? 0 : 1, id = 32_760 + i & 0x7FFF;
            if (temporal == 0) tl0++;
            for (int layer = 0; layer < 2; layer++)
            {
                byte[] frame = Vp9Frame(i, layer, isKey);
                for (int part = 0; part < 2; part++)
                {
                    bool hasStructure = isKey && layer == 0 && part == 0;
                    int head = 0xA0 | (isKey ? 0 : 0x40) | (isFlexible ? 0x10 : 0) | (part == 0 ? 0x08 : 0x04) | (hasStructure ? 0x02 : 0);
                    var payload = new List<byte> { (byte)head, (byte)(0x80 | id >> 8), (byte)id, (byte)(temporal << 5 | layer << 1 | (layer > 0 && isKey ? 1 : 0)) };
                    if (!isFlexible) payload.Add(tl0);
                    else if (!isKey) payload.Add(1 << 1);
                    if (hasStructure) payload.AddRange(isFlexible ? [0x30, 0, 160, 0, 90, 1, 64, 0, 180] : [0x38, 0, 160, 0, 90, 1, 64, 0, 180, 2, 0x04, 2, 0x24, 1]);
                    payload.AddRange(part == 0 ? frame[..20] : frame[20..]);
                    Add(packets, 2 * i + layer, i, layer == 1 && part == 1, [.. payload]);
                }
            }
        }
        return packets;
    }

    /// <summary>The bytes of a VP9 layer frame of <see cref="Vp9"/>.</summary>
    public static byte[] Vp9Frame(int picture, int layer, bool isKey)
    {
        var bits = new BitWriter().Add(2, 2).Add(3, 0);
        if (isKey && layer == 0)
        {
            bits.Add(3, 0b010).Add(24, 0x498342).Add(4, 0b0010).Add(16, 159).Add(16, 89);
        }
        else
        {
            bits.Add(3, 0b110).Add(2, 0).Add(8, layer == 0 ? 1u : 2u);                          // refreshes the slot of its layer
            for (int i = 0; i < 3; i++) bits.Add(4, (uint)layer << 1);
            if (isKey) bits.Add(3, 0).Add(16, 319).Add(16, 179);                               // a size of its own
            else bits.Add(1, 1);                                                               // that of its reference
        }
        return [.. bits.ToBytes(), .. Fill(2 * picture + layer)];
    }

    /// <summary>AV1 with two spatial layers and dependency descriptors (extension 12).</summary>
    public static List<VideoPacket> Av1(int pictures, int keyFrameInterval = 1000)
    {
        var packets = new List<VideoPacket>();
        byte[] sequenceHeader = Av1Packets.Obus(VideoRecordingHeader)[0];
        int number = 65_530;
        for (int i = 0; i < pictures; i++)
        {
            bool isKey = i % keyFrameInterval == 0;
            for (int layer = 0; layer < 2; layer++, number++)
            {
                byte[] obu = Av1Frame(i, layer, isKey);
                int template = 2 * layer + (isKey ? 0 : 1);
                for (int part = 0; part < 2; part++)
                {
                    byte[] descriptor = Descriptor(part, template, (ushort)number, isKey && layer == 0 && part == 0);
                    List<byte> payload = [(byte)(part == 0 ? 0x40 : 0x90)];
                    if (part == 0 && isKey && layer == 0) payload.AddRange([(byte)sequenceHeader.Length, .. sequenceHeader]);
                    payload.AddRange(part == 0 ? [20, .. obu[..20]] : obu[20..]);
                    Add(packets, 2 * i + layer, i, layer == 1 && part == 1, [.. payload], [12, (byte)descriptor.Length, .. descriptor]);
                }
            }
        }
        return packets;
    }

    /// <summary>A frame OBU of <see cref="Av1"/>, without size.</summary>
    public static byte[] Av1Frame(int picture, int layer, bool isKey) =>
        [0x34, (byte)(layer << 3), (byte)(isKey && layer == 0 ? 0x10 : 0x30), .. Fill(2 * picture + layer)];

    /// <summary>A temporal unit of 160x90 with nothing but a sequence header (profile 0, level 2.0).</summary>
    public static byte[] VideoRecordingHeader
    {
        get
        {
            byte[] content = new BitWriter().Add(3, 0).Add(2, 0).Add(1, 0).Add(1, 0).Add(5, 0).Add(12, 0).Add(5, 0)
                .Add(4, 7).Add(4, 6).Add(8, 159).Add(7, 89).Add(32, 0).ToBytes();
            return [0x0A, (byte)content.Length, .. content];
        }
    }

    // Templates: S0 key, S0, S1 key (needs S0), S1 (needs S0 and the S1 before).
    private static byte[] Descriptor(int part, int template, ushort number, bool hasStructure)
    {
        var bits = new BitWriter().Add(1, part == 0 ? 1u : 0).Add(1, part == 1 ? 1u : 0).Add(6, (uint)(10 + template)).Add(16, number);
        if (!hasStructure) return bits.ToBytes();
        bits.Add(5, 0b10000).Add(6, 10).Add(5, 0);
        foreach (uint next in (uint[])[0, 2, 0, 3]) bits.Add(2, next);
        bits.Add(8, 0);                                                                         // indications of one target
        bits.Add(1, 0);                                                                         // S0 key
        bits.Add(1, 1).Add(4, 1).Add(1, 0);                                                     // S0: 2 back
        bits.Add(1, 1).Add(4, 0).Add(1, 0);                                                     // S1 key: 1 back
        bits.Add(1, 1).Add(4, 1).Add(1, 1).Add(4, 0).Add(1, 0);                                 // S1: 2 and 1 back
        bits.Add(1, 0);                                                                         // ns(2): no chains
        bits.Add(1, 1).Add(16, 159).Add(16, 89).Add(16, 319).Add(16, 179);
        return bits.ToBytes();
    }

    private static byte[] Fill(int number) => [.. Enumerable.Range(0, Filling).Select(i => (byte)(number * 7 + i + 1))];

    private static void Add(List<VideoPacket> packets, int frame, int picture, bool marker, byte[] payload, byte[]? extension = null) =>
        packets.Add(VideoPacket.Of(65_500 + packets.Count, frame, (uint)(4_294_900_000 + picture * 6000L), marker, payload, extension));
}
