using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;

namespace Sfu.Media.Video;

/// <summary>Which VP9 layer frames can be decoded (RFC 9628 section 4.2): by the references of flexible mode, by the picture group of the
/// scalability structure, or else by TL0PICIDX and the sequence of pictures.</summary>
internal sealed class Vp9References
{
    private const int History = 256;                   // pictures; references go 127 back at most
    private const int SpatialLayers = 8;
    private const int PictureIdShift = 1;              // 15-bit ids are unwrapped as the upper bits of a 16-bit number
    private readonly Vp9PictureGroup _group = new();
    private readonly TemporalChain[] _chains = [.. Enumerable.Range(0, SpatialLayers).Select(_ => new TemporalChain())];
    private readonly long[] _pictures = new long[History];
    private readonly byte[] _decodable = new byte[History];                   // one bit for each spatial layer
    private readonly long[] _lastOf = new long[SpatialLayers];
    private SequenceUnwrapper _ids;
    private long _groupStart;
    private long _counter;                             // numbers pictures of a stream without picture ids
    private long _lostPackets;
    private bool _hasLoss = true;

    /// <summary>Nothing is known of any picture.</summary>
    public Vp9References()
    {
        Array.Fill(_pictures, long.MinValue);
        Array.Fill(_lastOf, long.MinValue / 2);
    }

    /// <summary>The lowest layer needs a key frame.</summary>
    public bool NeedsKeyFrame { get; private set; } = true;

    /// <summary>Packets are missing, or were of no use.</summary>
    public void OnLoss(long packets)
    {
        _hasLoss = true;
        _lostPackets += packets;
    }

    /// <summary>Takes a structure.</summary>
    public void LoadStructure(ReadOnlySpan<byte> payload, in Vp9Descriptor descriptor)
    {
        _group.Load(payload, descriptor);
        if (descriptor.PictureIdBits == 0) _group.Clear();                   // no telling which picture of the group is which
        _groupStart = NumberOf(descriptor);
    }

    /// <summary>Takes the next layer frame.</summary>
    /// <param name="first">Descriptor of its first packet.</param>
    /// <param name="differences">P_DIFF bytes of flexible mode.</param>
    /// <param name="isNewPicture">It is the first of its picture.</param>
    /// <returns>True when it is decodable.</returns>
    public bool Accept(in Vp9Descriptor first, ReadOnlySpan<byte> differences, bool isNewPicture)
    {
        if (first.PictureIdBits == 0 && isNewPicture) _counter += 1 + (_hasLoss ? 1 : 0);
        else if (first.PictureIdBits != 0) CheckRange(first);
        long picture = NumberOf(first);
        if (first.PictureIdBits != 0) _ids.Unwrap(Shifted(first));
        int slot = (int)(picture & History - 1);
        if (_pictures[slot] != picture) (_pictures[slot], _decodable[slot]) = (picture, 0);
        int layer = first.SpatialLayer;
        bool hasLower = !first.IsInterLayerPredicted || layer == 0 || (_decodable[slot] & 1 << (layer - 1)) != 0;
        bool isDecodable = first.IsInterPicturePredicted ? AcceptPredicted(first, differences, picture) && hasLower : AcceptIndependent(first, picture, hasLower);
        if (isDecodable) _decodable[slot] |= (byte)(1 << layer);
        _lastOf[layer] = picture;
        if (layer == 0 && first.TemporalLayer == 0) NeedsKeyFrame = !isDecodable;
        (_hasLoss, _lostPackets) = (false, 0);
        return isDecodable;
    }

    private bool AcceptIndependent(in Vp9Descriptor first, long picture, bool hasLower)
    {
        if (hasLower) _chains[first.SpatialLayer].Accept(isKeyFrame: true, 0, false, first.Tl0PicIdx, false);
        else _chains[first.SpatialLayer].Break();
        if (first.SpatialLayer == 0 && first.StructureAt == 0) _groupStart = picture;
        return hasLower;
    }

    private bool AcceptPredicted(in Vp9Descriptor first, ReadOnlySpan<byte> differences, long picture)
    {
        int layer = first.SpatialLayer;
        if (first.IsFlexible)
        {
            foreach (byte difference in differences)
                if (!IsDecodable(picture - (difference >> 1), layer)) return false;
            return true;
        }
        bool isKnown = first.Tl0PicIdxAt != 0;
        bool byChain = isKnown && _chains[layer].Accept(false, first.TemporalLayer, first.IsSwitchingUpPoint, first.Tl0PicIdx, picture != _lastOf[layer] + 1);
        ReadOnlySpan<byte> inGroup = _group.Pictures == 0 ? default : _group.DifferencesOf((int)(Math.Max(picture - _groupStart, 0) % _group.Pictures));
        // No group, or one that knows no references of this predicted picture (GStreamer's).
        if (inGroup.IsEmpty) return isKnown ? byChain : picture == _lastOf[layer] + 1 && IsDecodable(picture - 1, layer);
        foreach (byte difference in inGroup)
            if (!IsDecodable(picture - difference, layer)) return false;
        return true;
    }

    private bool IsDecodable(long picture, int layer)
    {
        int slot = (int)(picture & History - 1);
        return _pictures[slot] == picture && (_decodable[slot] & 1 << layer) != 0;
    }

    // More lost than the numbers can tell: they may have come round.
    private void CheckRange(in Vp9Descriptor first)
    {
        if (_lostPackets > byte.MaxValue && first.Tl0PicIdxAt != 0) foreach (TemporalChain chain in _chains) chain.Break();
        if (_lostPackets >= (1 << first.PictureIdBits - 1)) Array.Fill(_pictures, long.MinValue);
    }

    private long NumberOf(in Vp9Descriptor first) => first.PictureIdBits == 0 ? _counter : _ids.Peek(Shifted(first)) >> IdShift(first);

    private static SequenceNumber Shifted(in Vp9Descriptor first) => new((ushort)(first.PictureId << IdShift(first)));

    private static int IdShift(in Vp9Descriptor first) => first.PictureIdBits == 15 ? PictureIdShift : PictureIdShift + 8;
}
