using Sfu.Media.Codecs;

namespace Sfu.Media.Video;

/// <summary>Sequence and picture parameter sets of an H.264 stream.</summary>
internal sealed class H264ParameterSets() : VideoParameterSets(H264ParameterSet.MaxSequenceSets + H264ParameterSet.MaxPictureSets)
{
    private const int SequenceSet = 7;
    private const int PictureSet = 8;
    private readonly (int Width, int Height)[] _sizes = new (int, int)[H264ParameterSet.MaxSequenceSets];
    private readonly short[] _sequenceOf = NoSets();

    /// <inheritdoc/>
    internal override bool Add(ReadOnlySpan<byte> unit)
    {
        if (unit.IsEmpty) return false;
        switch (unit[0] & 0x1F)
        {
            case SequenceSet when H264ParameterSet.TryReadSequence(unit, out int id, out int width, out int height) && Store(id, unit):
                _sizes[id] = (width, height);
                return true;
            case PictureSet when H264ParameterSet.TryReadPicture(unit, out int id, out int sequenceId) && Store(H264ParameterSet.MaxSequenceSets + id, unit):
                _sequenceOf[id] = (short)sequenceId;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Uses the sets that a slice refers to.</summary>
    /// <returns>False when they are not known.</returns>
    public bool TryActivate(ReadOnlySpan<byte> slice)
    {
        if (!H264ParameterSet.TryReadSlice(slice, out int id) || _sequenceOf[id] is var sequence && sequence < 0) return false;
        (Width, Height) = _sizes[sequence];
        return Width > 0;
    }

    private static short[] NoSets()
    {
        var none = new short[H264ParameterSet.MaxPictureSets];
        Array.Fill(none, (short)-1);
        return none;
    }
}
