using Sfu.Media.Codecs;

namespace Sfu.Media.Video;

/// <summary>VP8 (RFC 7741): frames are cut anywhere; picture id and TL0PICIDX tell what is missing, else the sequence numbers do.</summary>
internal sealed class Vp8Depacketizer(FrameBuffer buffer) : Depacketizer(buffer)
{
    private readonly ContinuityChain _continuity = new();
    private readonly TemporalChain _layers = new();
    private Vp8Descriptor _packet;
    private Vp8Descriptor _first;
    private int _lastPictureId = -1;
    private long _lostPackets;
    private bool _hasLoss = true;
    private bool _needsKeyFrame = true;
    private int _layerAt;

    /// <inheritdoc/>
    public override bool HasLayerFrames => false;

    /// <inheritdoc/>
    public override bool NeedsKeyFrame => _needsKeyFrame;

    /// <inheritdoc/>
    public override DropReason Read(ReadOnlySpan<byte> payload, bool marker, ReadOnlySpan<byte> descriptor, out PacketRole role)
    {
        DropReason reason = Vp8Descriptor.Parse(payload, out _packet);
        role = new PacketRole(_packet.IsFrameStart, CanStart: false, IsEnd: marker);
        return reason;
    }

    /// <inheritdoc/>
    public override void BeginLayer(bool isBehindHole)
    {
        _first = _packet;
        _layerAt = Buffer.Length;
    }

    /// <inheritdoc/>
    public override bool Append(ReadOnlySpan<byte> payload)
    {
        if (_packet.PictureId != _first.PictureId || _packet.IsFrameStart && Buffer.Length > _layerAt) return false; // of another frame
        Buffer.Write(payload[_packet.Length..]);
        return true;
    }

    /// <inheritdoc/>
    public override LayerVerdict EndLayer(out LayerFacts facts)
    {
        facts = default;
        if (!Vp8FrameHeader.TryRead(Buffer.Bytes[_layerAt..], out bool isKeyFrame, out int width, out int height)) return LayerVerdict.Drop;
        facts = new LayerFacts
        {
            IsKeyFrame = isKeyFrame,
            IsDecodable = IsDecodable(isKeyFrame),
            IsDiscardable = _first.IsNonReference,
            TemporalLayer = _first.TemporalLayer,
            Width = width,
            Height = height,
        };
        Buffer.AddUnit(_layerAt);
        return LayerVerdict.Use;
    }

    /// <inheritdoc/>
    public override void OnLoss(long packets)
    {
        _hasLoss = true;
        _lostPackets += packets;
        if (_first.PictureIdBits == 0 && _first.Tl0PicIdxAt == 0) _needsKeyFrame = true; // nothing will tell what it was
    }

    private bool IsDecodable(bool isKeyFrame)
    {
        bool hasGap = HasGap();
        bool isDecodable;
        if (_first.Tl0PicIdxAt != 0)
        {
            if (_lostPackets > byte.MaxValue) _layers.Break();               // TL0PICIDX may have come round
            isDecodable = _layers.Accept(isKeyFrame, _first.TemporalLayer, _first.IsLayerSync, _first.Tl0PicIdx, hasGap);
            if (_layers.IsBaseIntact) _continuity.Accept(isKeyFrame, -1, out _);
            else _continuity.Break();
            _needsKeyFrame = !_layers.IsBaseIntact;
        }
        else
        {
            if (hasGap) _continuity.Break();
            isDecodable = _continuity.Accept(isKeyFrame, -1, out _);
            _layers.Break();
            _needsKeyFrame = !isDecodable;
        }
        (_hasLoss, _lostPackets) = (false, 0);
        return isDecodable;
    }

    // A frame has one packet at least: as many frames may be missing as packets. Above the range of the picture id it tells nothing.
    private bool HasGap()
    {
        int bits = _first.PictureIdBits, expected = _lastPictureId + 1 & (1 << bits) - 1;
        bool isKnown = bits != 0 && _lastPictureId >= 0 && _lostPackets < 1 << bits;
        bool hasGap = isKnown ? _first.PictureId != expected : _hasLoss;
        _lastPictureId = bits == 0 ? -1 : _first.PictureId;
        return hasGap;
    }
}
