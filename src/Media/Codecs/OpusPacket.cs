namespace Sfu.Media.Codecs;

/// <summary>What the table-of-contents byte of an Opus packet says (RFC 6716 section 3.1, 3.2).</summary>
/// <param name="SamplesPerFrame">Length of one frame in samples at 48 kHz: 120 (2.5 ms) to 2,880 (60 ms).</param>
/// <param name="FrameCount">Frames in the packet, 1 to 48.</param>
/// <param name="IsStereo">Two channels are coded.</param>
/// <param name="IsDtx">The packet is two bytes or less: nothing but the sign that the sender is there (discontinuous transmission).</param>
public readonly record struct OpusPacket(ushort SamplesPerFrame, byte FrameCount, bool IsStereo, bool IsDtx)
{
    private const int MaxSamples = 5760;               // 120 ms, RFC 6716 section 3.2.5, R5
    private const int MaxFrameBytes = 1275;
    private const int DtxBytes = 2;

    /// <summary>Length of the packet in samples at 48 kHz, at most 5,760.</summary>
    public ushort Samples => (ushort)(SamplesPerFrame * FrameCount);

    /// <summary>Reads the table of contents and checks the lengths that RFC 6716 section 3.4 demands of every packet.</summary>
    /// <param name="payload">The RTP payload; hostile.</param>
    /// <param name="packet">Valid only for <see cref="DropReason.None"/>.</param>
    public static DropReason Parse(ReadOnlySpan<byte> payload, out OpusPacket packet)
    {
        packet = default;
        if (payload.IsEmpty) return DropReason.Truncated;
        byte toc = payload[0];
        int samples = SamplesOf(toc >> 3);
        int frames = (toc & 0x03) switch { 0 => 1, 3 => payload.Length > 1 ? payload[1] & 0x3F : 0, _ => 2 };
        if (frames == 0) return payload.Length > 1 ? DropReason.Malformed : DropReason.Truncated;
        if (samples * frames > MaxSamples) return DropReason.Malformed;
        DropReason reason = (toc & 0x03) switch
        {
            0 => payload.Length - 1 > MaxFrameBytes ? DropReason.Malformed : DropReason.None,
            1 => (payload.Length - 1) % 2 != 0 || payload.Length - 1 > 2 * MaxFrameBytes ? DropReason.Malformed : DropReason.None,
            2 => CheckTwoFrames(payload),
            _ => DropReason.None,
        };
        if (reason == DropReason.None) packet = new OpusPacket((ushort)samples, (byte)frames, (toc & 0x04) != 0, payload.Length <= DtxBytes);
        return reason;
    }

    // Table 2: SILK 10 to 60 ms, hybrid 10 and 20 ms, CELT 2.5 to 20 ms.
    private static int SamplesOf(int configuration) => configuration switch
    {
        < 12 => (configuration & 3) == 3 ? 2880 : 480 << (configuration & 3),
        < 16 => 480 << (configuration & 1),
        _ => 120 << (configuration & 3),
    };

    // Code 2: the first frame's length in one or two bytes (section 3.2.1), the second takes the rest.
    private static DropReason CheckTwoFrames(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload[1..]);
        int first = reader.ReadByte();
        if (first >= 252) first += 4 * reader.ReadByte();
        return reader.Failed || first > reader.Remaining ? DropReason.Truncated : DropReason.None;
    }
}
