namespace Sfu.Media.Codecs;

/// <summary>Reads the start of VP9's uncompressed headers (VP9 bitstream specification section 6.2) in order, and with it keeps the size of
/// every reference, since a frame that is no key frame may take its size from one (section 6.4.1).</summary>
internal sealed class Vp9FrameHeader
{
    private const uint SyncCode = 0x498342;
    private const uint ColorSpaceRgb = 7;
    private const int References = 3;
    private readonly (int Width, int Height)[] _slots = new (int, int)[8];

    /// <summary>The frame read last needs no other one.</summary>
    public bool IsKeyFrame { get; private set; }

    /// <summary>Width of the frame read last in pixels; 0 when not known.</summary>
    public int Width { get; private set; }

    /// <summary>Height of the frame read last in pixels; 0 when not known.</summary>
    public int Height { get; private set; }

    /// <summary>Reads the next frame of the stream.</summary>
    /// <param name="frame">A whole frame of one layer; hostile.</param>
    /// <returns>False for a frame no decoder could use.</returns>
    public bool TryRead(ReadOnlySpan<byte> frame)
    {
        (IsKeyFrame, Width, Height) = (false, 0, 0);
        var reader = new BitReader(frame, isEscaped: false);
        if (reader.Read(2) != 2) return false;         // frame_marker
        int profile = reader.ReadFlag() ? 1 : 0;
        if (reader.ReadFlag()) profile += 2;
        if (profile == 3 && reader.ReadFlag()) return false;
        if (reader.ReadFlag())                         // show_existing_frame
        {
            (Width, Height) = _slots[reader.Read(3)];
            return !reader.Failed;
        }
        bool isInter = reader.ReadFlag(), isShown = reader.ReadFlag(), isResilient = reader.ReadFlag();
        int refreshed = isInter ? ReadInter(ref reader, profile, isShown, isResilient) : ReadKey(ref reader, profile);
        if (refreshed < 0 || reader.Failed) return false;
        IsKeyFrame = !isInter;
        for (int i = 0; i < _slots.Length; i++)
            if ((refreshed >> i & 1) != 0) _slots[i] = (Width, Height);
        return true;
    }

    // Both give the slots that the frame replaces, or -1.
    private int ReadKey(ref BitReader reader, int profile)
    {
        if (reader.Read(24) != SyncCode || !SkipColor(ref reader, profile)) return -1;
        ReadSize(ref reader);
        return 0xFF;
    }

    private int ReadInter(ref BitReader reader, int profile, bool isShown, bool isResilient)
    {
        bool isIntraOnly = !isShown && reader.ReadFlag();
        if (!isResilient) reader.Skip(2);              // reset_frame_context
        if (isIntraOnly)
        {
            if (reader.Read(24) != SyncCode || profile > 0 && !SkipColor(ref reader, profile)) return -1;
            int replaced = (int)reader.Read(8);
            ReadSize(ref reader);
            return replaced;
        }
        int refreshed = (int)reader.Read(8);
        Span<byte> slots = stackalloc byte[References];
        for (int i = 0; i < References; i++)
        {
            slots[i] = (byte)reader.Read(3);
            reader.Skip(1);                            // ref_frame_sign_bias
        }
        for (int i = 0; i < References; i++)
        {
            if (!reader.ReadFlag()) continue;          // found_ref
            (Width, Height) = _slots[slots[i]];
            return refreshed;
        }
        ReadSize(ref reader);
        return refreshed;
    }

    private void ReadSize(ref BitReader reader) => (Width, Height) = ((int)reader.Read(16) + 1, (int)reader.Read(16) + 1);

    private static bool SkipColor(ref BitReader reader, int profile)
    {
        if (profile >= 2) reader.Skip(1);              // ten_or_twelve_bit
        if (reader.Read(3) != ColorSpaceRgb)
        {
            reader.Skip(1);                            // color_range
            if (profile is 1 or 3) reader.Skip(3);
            return true;
        }
        if (profile is 0 or 2) return false;           // RGB needs 4:4:4
        reader.Skip(1);
        return true;
    }
}
