namespace Sfu.Media.Codecs;

/// <summary>Reads what assembling needs from H.264 parameter sets, slices and recovery points (ITU-T H.264 sections 7.3.2, 7.3.3).</summary>
internal static class H264ParameterSet
{
    /// <summary>Sequence parameter sets in use at most: seq_parameter_set_id is 0 to 31.</summary>
    public const int MaxSequenceSets = 32;

    /// <summary>Picture parameter sets in use at most: pic_parameter_set_id is 0 to 255.</summary>
    public const int MaxPictureSets = 256;

    private const int MaxOrderCycle = 255;
    private const int RecoveryPoint = 6;               // SEI payload type, table D-1
    private const int MaxSize = 16_384;

    /// <summary>Reads the id and the cropped picture size of a sequence parameter set.</summary>
    /// <param name="unit">The NAL unit with its header; hostile.</param>
    /// <param name="id">0 to 31.</param>
    /// <param name="width">In pixels, after cropping.</param>
    /// <param name="height">In pixels, after cropping.</param>
    /// <returns>False for a set no decoder could use.</returns>
    public static bool TryReadSequence(ReadOnlySpan<byte> unit, out int id, out int width, out int height)
    {
        id = width = height = 0;
        if (unit.Length < 4) return false;
        int profile = unit[1];
        var reader = new BitReader(unit[4..], isEscaped: true);
        uint number = reader.ReadUe();
        uint chroma = 1;                               // 4:2:0 unless the high profiles say otherwise
        bool isSeparate = false;
        if (HasChromaFormat(profile))
        {
            chroma = reader.ReadUe();
            if (chroma > 3) return false;
            if (chroma == 3) isSeparate = reader.ReadFlag();
            reader.ReadUe();                           // bit depths
            reader.ReadUe();
            reader.Skip(1);
            if (reader.ReadFlag()) SkipScalingLists(ref reader, chroma == 3 ? 12 : 8);
        }
        reader.ReadUe();                               // log2_max_frame_num_minus4
        if (!SkipOrderCount(ref reader)) return false;
        reader.ReadUe();                               // max_num_ref_frames
        reader.Skip(1);
        long widthInBlocks = reader.ReadUe() + 1L, heightInUnits = reader.ReadUe() + 1L;
        bool isFrameOnly = reader.ReadFlag();
        if (!isFrameOnly) reader.Skip(1);
        reader.Skip(1);                                // direct_8x8_inference_flag
        long left = 0, right = 0, top = 0, bottom = 0;
        if (reader.ReadFlag())
        {
            left = reader.ReadUe();
            right = reader.ReadUe();
            top = reader.ReadUe();
            bottom = reader.ReadUe();
        }
        if (reader.Failed || number >= MaxSequenceSets) return false;
        int fields = isFrameOnly ? 1 : 2;
        // Table 6-1: crop units are chroma samples, unless the planes are separate or there is no chroma.
        int cropX = chroma is 1 or 2 && !isSeparate ? 2 : 1, cropY = (chroma == 1 && !isSeparate ? 2 : 1) * fields;
        long w = 16 * widthInBlocks - cropX * (left + right), h = 16 * heightInUnits * fields - cropY * (top + bottom);
        if (w is <= 0 or > MaxSize || h is <= 0 or > MaxSize) return false;
        (id, width, height) = ((int)number, (int)w, (int)h);
        return true;
    }

    /// <summary>Reads the ids of a picture parameter set: its own, and that of the sequence parameter set it refers to.</summary>
    public static bool TryReadPicture(ReadOnlySpan<byte> unit, out int id, out int sequenceId)
    {
        id = sequenceId = 0;
        if (unit.Length < 2) return false;
        var reader = new BitReader(unit[1..], isEscaped: true);
        uint own = reader.ReadUe(), sequence = reader.ReadUe();
        if (reader.Failed || own >= MaxPictureSets || sequence >= MaxSequenceSets) return false;
        (id, sequenceId) = ((int)own, (int)sequence);
        return true;
    }

    /// <summary>Reads which picture parameter set a slice refers to.</summary>
    public static bool TryReadSlice(ReadOnlySpan<byte> unit, out int pictureSetId)
    {
        pictureSetId = 0;
        if (unit.Length < 2) return false;
        var reader = new BitReader(unit[1..], isEscaped: true);
        reader.ReadUe();                               // first_mb_in_slice
        reader.ReadUe();                               // slice_type
        uint id = reader.ReadUe();
        if (reader.Failed || id >= MaxPictureSets) return false;
        pictureSetId = (int)id;
        return true;
    }

    /// <summary>Looks for a recovery point in supplemental enhancement information (section D.1.8).</summary>
    /// <param name="unit">The NAL unit with its header.</param>
    /// <param name="frames">recovery_frame_cnt: frames until the picture is right.</param>
    public static bool TryReadRecoveryPoint(ReadOnlySpan<byte> unit, out int frames)
    {
        frames = 0;
        if (unit.Length < 2) return false;
        var reader = new BitReader(unit[1..], isEscaped: true);
        return SupplementalInformation.TryFind(ref reader, RecoveryPoint) && SupplementalInformation.TryReadCount(reader.ReadUe(), reader.Failed, out frames);
    }

    private static bool HasChromaFormat(int profile) => profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135;

    private static void SkipScalingLists(ref BitReader reader, int lists)
    {
        for (int list = 0; list < lists && !reader.Failed; list++)
        {
            if (!reader.ReadFlag()) continue;
            int last = 8, next = 8;
            for (int i = list < 6 ? 16 : 64; i > 0 && !reader.Failed; i--)
            {
                if (next != 0) next = (last + reader.ReadSe()) & 0xFF;
                if (next != 0) last = next;
            }
        }
    }

    private static bool SkipOrderCount(ref BitReader reader)
    {
        uint kind = reader.ReadUe();
        if (kind == 0) reader.ReadUe();
        if (kind != 1) return kind <= 2;
        reader.Skip(1);
        reader.ReadSe();
        reader.ReadSe();
        uint cycle = reader.ReadUe();
        if (cycle > MaxOrderCycle) return false;
        for (; cycle > 0 && !reader.Failed; cycle--) reader.ReadSe();
        return true;
    }
}
