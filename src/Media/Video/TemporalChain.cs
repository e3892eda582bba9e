namespace Sfu.Media.Video;

/// <summary>Decodability of temporal layers told by layer number, TL0PICIDX and synchronisation bit (RFC 7741 section 4.2, RFC 9628
/// section 4.2): layer 0 needs layer 0; a frame above it needs the newest of its own and all lower layers, or layer 0 only when it is a
/// synchronisation point.</summary>
internal sealed class TemporalChain
{
    private const int Layers = 8;
    private readonly bool[] _isIntact = new bool[Layers];
    private byte _tl0;

    /// <summary>Layer 0 has all it needs.</summary>
    public bool IsBaseIntact => _isIntact[0];

    /// <summary>What was lost can no longer be told by numbers.</summary>
    public void Break() => Array.Clear(_isIntact);

    /// <summary>Takes the next frame.</summary>
    /// <param name="isKeyFrame">It needs no other one.</param>
    /// <param name="layer">Temporal layer, 0 to 7.</param>
    /// <param name="isSync">It needs layer 0 only.</param>
    /// <param name="tl0">TL0PICIDX.</param>
    /// <param name="hasGap">One frame or more, of layers not known, are missing since the frame before.</param>
    /// <returns>True when it is decodable.</returns>
    public bool Accept(bool isKeyFrame, int layer, bool isSync, byte tl0, bool hasGap)
    {
        if (isKeyFrame)
        {
            Array.Fill(_isIntact, true);
            _tl0 = tl0;
            return true;
        }
        if (hasGap) Array.Clear(_isIntact, 1, Layers - 1);
        byte expected = layer == 0 ? (byte)(_tl0 + 1) : _tl0;
        if (tl0 != expected) Break();                  // a frame of layer 0 is missing, and with it what all others need
        _tl0 = tl0;
        if (layer == 0) return _isIntact[0];
        if (isSync && _isIntact[0]) _isIntact[layer] = true;
        for (int i = isSync ? layer : 0; i <= layer; i++)
            if (!_isIntact[i]) return _isIntact[layer] = false;
        return true;
    }
}
