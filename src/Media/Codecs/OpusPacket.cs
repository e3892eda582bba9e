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

    /// <summary>True when the packet also holds the frame before it at a lower rate (in-band FEC: the LBRR flag of RFC 6716 section 4.2.4), so
    /// that the packet before it, if lost, can be decoded from this one.</summary>
    /// <param name="payload">A payload that <see cref="Parse"/> accepted.</param>
    public static bool HasFec(ReadOnlySpan<byte> payload)
    {
        int configuration = payload[0] >> 3, frameAt = FirstFrameAt(payload);
        if (configuration >= 16 || frameAt >= payload.Length) return false; // CELT only has none
        // The first frame begins with bits of one half each: a voice flag for each 20 ms and the LBRR flag, for each channel.
        int flags = (SamplesOf(configuration) + 959) / 960 + 1, channels = (payload[0] & 0x04) != 0 ? 2 : 1;
        for (int i = 1; i <= channels; i++)
            if ((payload[frameAt] & 0x80 >> (i * flags - 1)) != 0) return true;
        return false;
    }

    // Section 3.2: where the first frame's bytes begin.
    private static int FirstFrameAt(ReadOnlySpan<byte> payload)
    {
        switch (payload[0] & 0x03)
        {
            case 0 or 1: return 1;
            case 2: return payload[1] >= 252 ? 3 : 2;
        }
        int at = 2;
        if ((payload[1] & 0x40) != 0)                  // padding: 255 goes on
        {
            while (at < payload.Length && payload[at] == 255) at++;
            at++;
        }
        for (int frame = (payload[1] & 0x80) != 0 ? payload[1] & 0x3F : 0; frame > 1 && at < payload.Length; frame--)
            at += payload[at] >= 252 ? 2 : 1;          // lengths of all frames but the last
        return at;
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
