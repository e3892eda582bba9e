namespace Sfu.Media.Codecs;

/// <summary>Reads the start of an AV1 sequence header OBU (AV1 specification section 5.5.1).</summary>
internal static class Av1SequenceHeader
{
    /// <summary>Reads the largest picture size of the sequence.</summary>
    /// <param name="content">The OBU's content, without header and size; hostile.</param>
    /// <param name="width">In pixels, 1 to 65,536.</param>
    /// <param name="height">In pixels, 1 to 65,536.</param>
    /// <returns>False for a header no decoder could use.</returns>
    public static bool TryRead(ReadOnlySpan<byte> content, out int width, out int height)
    {
        var reader = new BitReader(content, isEscaped: false);
        reader.Skip(4);                                // seq_profile, still_picture
        if (reader.ReadFlag()) reader.Skip(5);         // reduced_still_picture_header: a level only
        else SkipOperatingPoints(ref reader);
        int widthBits = (int)reader.Read(4) + 1, heightBits = (int)reader.Read(4) + 1;
        width = (int)reader.Read(widthBits) + 1;
        height = (int)reader.Read(heightBits) + 1;
        return !reader.Failed;
    }

    private static void SkipOperatingPoints(ref BitReader reader)
    {
        bool hasDecoderModel = false;
        int delayBits = 0;
        if (reader.ReadFlag())                         // timing_info_present_flag
        {
            reader.Skip(64);
            if (reader.ReadFlag()) reader.ReadUe();    // equal_picture_interval: uvlc(), written as ue(v) up to 31 leading zeros
            hasDecoderModel = reader.ReadFlag();
            if (hasDecoderModel)
            {
                delayBits = (int)reader.Read(5) + 1;
                reader.Skip(32 + 5 + 5);
            }
        }
        bool hasInitialDelay = reader.ReadFlag();
        int points = (int)reader.Read(5) + 1;
        for (int i = 0; i < points && !reader.Failed; i++)
        {
            reader.Skip(12);                           // operating_point_idc
            if (reader.Read(5) > 7) reader.Skip(1);    // seq_level_idx, seq_tier
            if (hasDecoderModel && reader.ReadFlag()) reader.Skip(2 * delayBits + 1);
            if (hasInitialDelay && reader.ReadFlag()) reader.Skip(4);
        }
    }
}
