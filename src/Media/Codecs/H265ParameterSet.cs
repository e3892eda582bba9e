namespace Sfu.Media.Codecs;

/// <summary>Reads what assembling needs from H.265 parameter sets and slices (ITU-T H.265 sections 7.3.2, 7.3.6).</summary>
internal static class H265ParameterSet
{
    /// <summary>Video and sequence parameter sets in use at most: their ids are 0 to 15.</summary>
    public const int MaxSequenceSets = 16;

    /// <summary>Picture parameter sets in use at most: their ids are 0 to 63.</summary>
    public const int MaxPictureSets = 64;

    private const int HeaderLength = 2;
    private const int MaxSize = 16_384;
    private const int RecoveryPoint = 6;

    /// <summary>Reads the id of a video parameter set.</summary>
    public static bool TryReadVideo(ReadOnlySpan<byte> unit, out int id)
    {
        id = unit.Length > HeaderLength ? unit[HeaderLength] >> 4 : 0;
        return unit.Length > HeaderLength;
    }

    /// <summary>Reads the id and the size of a sequence parameter set, inside its conformance window.</summary>
    /// <param name="unit">The NAL unit with its header; hostile.</param>
    /// <param name="id">0 to 15.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <returns>False for a set no decoder could use.</returns>
    public static bool TryReadSequence(ReadOnlySpan<byte> unit, out int id, out int width, out int height)
    {
        id = width = height = 0;
        if (unit.Length < HeaderLength + 1) return false;
        var reader = new BitReader(unit[HeaderLength..], isEscaped: true);
        reader.Skip(4);                                // sps_video_parameter_set_id
        int subLayers = (int)reader.Read(3);           // minus 1
        reader.Skip(1);
        SkipProfileTierLevel(ref reader, subLayers);
        uint number = reader.ReadUe(), chroma = reader.ReadUe();
        bool isSeparate = chroma == 3 && reader.ReadFlag();
        long w = reader.ReadUe(), h = reader.ReadUe();
        long left = 0, right = 0, top = 0, bottom = 0;
        if (reader.ReadFlag())
        {
            left = reader.ReadUe();
            right = reader.ReadUe();
            top = reader.ReadUe();
            bottom = reader.ReadUe();
        }
        if (reader.Failed || number >= MaxSequenceSets || chroma > 3) return false;
        // Table 6-1: window units are chroma samples.
        int unitX = chroma is 1 or 2 && !isSeparate ? 2 : 1, unitY = chroma == 1 && !isSeparate ? 2 : 1;
        w -= unitX * (left + right);
        h -= unitY * (top + bottom);
        if (w is <= 0 or > MaxSize || h is <= 0 or > MaxSize) return false;
        (id, width, height) = ((int)number, (int)w, (int)h);
        return true;
    }

    /// <summary>Reads the ids of a picture parameter set: its own, and that of the sequence parameter set it refers to.</summary>
    public static bool TryReadPicture(ReadOnlySpan<byte> unit, out int id, out int sequenceId)
    {
        id = sequenceId = 0;
        if (unit.Length <= HeaderLength) return false;
        var reader = new BitReader(unit[HeaderLength..], isEscaped: true);
        uint own = reader.ReadUe(), sequence = reader.ReadUe();
        if (reader.Failed || own >= MaxPictureSets || sequence >= MaxSequenceSets) return false;
        (id, sequenceId) = ((int)own, (int)sequence);
        return true;
    }

    /// <summary>Reads which picture parameter set a slice segment refers to.</summary>
    /// <param name="unit">The NAL unit with its header.</param>
    /// <param name="isRandomAccess">It is of an IRAP picture: one more flag comes before the id.</param>
    /// <param name="pictureSetId">0 to 63.</param>
    public static bool TryReadSlice(ReadOnlySpan<byte> unit, bool isRandomAccess, out int pictureSetId)
    {
        pictureSetId = 0;
        if (unit.Length <= HeaderLength) return false;
        var reader = new BitReader(unit[HeaderLength..], isEscaped: true);
        reader.Skip(isRandomAccess ? 2 : 1);
        uint id = reader.ReadUe();
        if (reader.Failed || id >= MaxPictureSets) return false;
        pictureSetId = (int)id;
        return true;
    }

    /// <summary>Looks for a recovery point in supplemental enhancement information (section D.2.8).</summary>
    /// <param name="unit">The NAL unit with its header.</param>
    /// <param name="frames">recovery_poc_cnt: pictures until the picture is right; a point at or before this picture is 0.</param>
    public static bool TryReadRecoveryPoint(ReadOnlySpan<byte> unit, out int frames)
    {
        frames = 0;
        if (unit.Length <= HeaderLength) return false;
        var reader = new BitReader(unit[HeaderLength..], isEscaped: true);
        if (!SupplementalInformation.TryFind(ref reader, RecoveryPoint)) return false;
        int count = reader.ReadSe();
        return SupplementalInformation.TryReadCount(Math.Max(count, 0), reader.Failed, out frames);
    }

    // Section 7.3.3: 88 bits for the stream and its level, then what each sub-layer has of its own.
    private static void SkipProfileTierLevel(ref BitReader reader, int subLayers)
    {
        reader.Skip(96);
        if (subLayers == 0) return;
        uint present = reader.Read(16);                // profile and level flags for 8 sub-layers, unused ones 0
        for (int i = 0; i < subLayers && !reader.Failed; i++)
        {
            if ((present & 0x8000u >> (2 * i)) != 0) reader.Skip(88);
            if ((present & 0x4000u >> (2 * i)) != 0) reader.Skip(8);
        }
    }
}
