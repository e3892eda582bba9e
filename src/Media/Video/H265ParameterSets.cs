using Sfu.Media.Codecs;

namespace Sfu.Media.Video;

/// <summary>Video, sequence and picture parameter sets of an H.265 stream.</summary>
internal sealed class H265ParameterSets() : VideoParameterSets(2 * H265ParameterSet.MaxSequenceSets + H265ParameterSet.MaxPictureSets)
{
    private const int VideoSet = 32;
    private const int SequenceSet = 33;
    private const int PictureSet = 34;
    private readonly (int Width, int Height)[] _sizes = new (int, int)[H265ParameterSet.MaxSequenceSets];
    private readonly sbyte[] _sequenceOf = NoSets();
    private readonly byte[] _videoOf = new byte[H265ParameterSet.MaxSequenceSets];
    private int _videoSets;                            // one bit for each that is known

    /// <inheritdoc/>
    internal override bool Add(ReadOnlySpan<byte> unit)
    {
        if (unit.IsEmpty) return false;
        switch (unit[0] >> 1 & 0x3F)
        {
            case VideoSet when H265ParameterSet.TryReadVideo(unit, out int id):
                if (!Store(id, unit)) return false;
                _videoSets |= 1 << id;
                return true;
            case SequenceSet when H265ParameterSet.TryReadSequence(unit, out int id, out int width, out int height)
                && Store(H265ParameterSet.MaxSequenceSets + id, unit):
                _sizes[id] = (width, height);
                _videoOf[id] = (byte)(unit[2] >> 4);   // sps_video_parameter_set_id
                return true;
            case PictureSet when H265ParameterSet.TryReadPicture(unit, out int id, out int sequenceId)
                && Store(2 * H265ParameterSet.MaxSequenceSets + id, unit):
                _sequenceOf[id] = (sbyte)sequenceId;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Uses the sets that a slice refers to.</summary>
    /// <returns>False when they are not known.</returns>
    public bool TryActivate(ReadOnlySpan<byte> slice, bool isRandomAccess)
    {
        if (!H265ParameterSet.TryReadSlice(slice, isRandomAccess, out int id) || _sequenceOf[id] is var sequence && sequence < 0) return false;
        (Width, Height) = _sizes[sequence];
        return Width > 0 && (_videoSets >> _videoOf[sequence] & 1) != 0;
    }

    private static sbyte[] NoSets()
    {
        var none = new sbyte[H265ParameterSet.MaxPictureSets];
        Array.Fill(none, (sbyte)-1);
        return none;
    }
}
