using Sfu.Media.Jitter;
using Sfu.Media.Time;

namespace Sfu.Media.Video;

/// <summary>Puts one picture together from packets in order: opens it, tells its layer frames apart, drops those with a hole, and leaves
/// out layer frames that cannot be decoded when others can.</summary>
internal sealed class PictureBuilder(FrameBuffer buffer, Depacketizer depacketizer)
{
    private bool _isOpen;
    private bool _isLayerOpen;
    private bool _isDamaged;                           // something of this picture is missing
    private bool _isBoundary;                          // the packet before the next one ended a picture
    private bool _isContiguous;                        // no packet is missing behind the one taken last
    private bool _hasMarker;
    private bool _hasDecodable;
    private int _layerAt;
    private int _unitsBefore;
    private int _carried;                              // bytes at the start that belong to no layer frame
    private int _carriedUnits;
    private int _layers;
    private LayerFacts _facts;
    private VideoFrameInfo _info;
    private short _orientation = -1;
    private long _lostBefore;

    /// <summary>Packets whose payload was of no use.</summary>
    public long Malformed { get; private set; }

    /// <summary>Pictures of which something came, but nothing could be given out.</summary>
    public long Incomplete { get; private set; }

    /// <summary>Layer frames that were larger than allowed.</summary>
    public long Oversized { get; private set; }

    /// <summary>The picture ended with the packet taken last: <see cref="Close"/> is to come before the next.</summary>
    public bool IsEnded => _isOpen && _hasMarker;

    /// <summary>A packet with this time stamp is not of the open picture.</summary>
    public bool MustCloseBefore(long timestamp) => _isOpen && (_hasMarker || timestamp != _info.Timestamp);

    /// <summary>The packets that would come next were given up.</summary>
    public void Lose(long packets)
    {
        _lostBefore += packets;
        _isBoundary = _isContiguous = false;
        if (_isOpen) _isDamaged = true;
        AbortLayer();
        depacketizer.OnLoss(packets);
    }

    /// <summary>Ends the open picture, if there is one: nothing more will come.</summary>
    /// <returns>False when there is nothing to give out.</returns>
    public bool Finish(out VideoFrameInfo info)
    {
        info = default;
        if (!_isOpen) return false;
        Lose(0);
        return Close(out info);
    }

    /// <summary>Takes the next packet; padding only has no payload and changes nothing.</summary>
    public void Take(in QueuedPacket packet, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> descriptor)
    {
        if (payload.IsEmpty) return;
        bool isBoundary = _isBoundary;
        _isBoundary = false;
        _isContiguous = true;
        if (!_isOpen) Open(packet);
        _info = _info with
        {
            LastSequence = packet.Sequence,
            FirstReceivedAt = MediaTime.Min(_info.FirstReceivedAt, packet.ReceivedAt),
            LastReceivedAt = MediaTime.Max(_info.LastReceivedAt, packet.ReceivedAt),
        };
        if (packet.Orientation >= 0) _orientation = packet.Orientation;
        _hasMarker = packet.Marker;
        if (depacketizer.Read(payload, packet.Marker, descriptor, out PacketRole role) != DropReason.None)
        {
            Malformed++;
            Damage();
            return;
        }
        if (_isLayerOpen && role.IsStart && depacketizer.HasLayerFrames) Damage();   // the end of the one before never came
        if (!_isLayerOpen && !TryBeginLayer(role, isBoundary)) return;
        if (!depacketizer.Append(payload) || buffer.IsOverrun) Damage();
        else if (role.IsEnd) EndLayer();
    }

    /// <summary>Ends the open picture.</summary>
    /// <returns>False when there is nothing to give out.</returns>
    public bool Close(out VideoFrameInfo info)
    {
        info = default;
        if (_isLayerOpen && !depacketizer.HasLayerFrames) EndLayer();         // without a marker, a newer time stamp ended it
        else if (_isLayerOpen) Damage();
        bool isCarry = _layers == 0 && !_isDamaged && _carried > 0;
        _isOpen = false;
        _isBoundary = _isContiguous;
        if (_layers == 0)
        {
            if (!isCarry) Incomplete++;
            return false;
        }
        if (_isDamaged && !depacketizer.HasLayerFrames)
        {
            Incomplete++;
            return false;
        }
        depacketizer.FinishPicture();
        (_carried, _carriedUnits) = (0, 0);
        if (buffer.IsOverrun)
        {
            Incomplete++;
            Oversized++;
            depacketizer.OnLoss(0);
            return false;
        }
        info = Describe();
        _lostBefore = 0;
        return true;
    }

    private VideoFrameInfo Describe() => _info with
    {
        IsKeyFrame = _facts.IsKeyFrame,
        IsDecodable = _hasDecodable,
        IsRecovering = _facts.IsRecovering,
        IsDiscardable = _facts.IsDiscardable,
        HasMarker = _hasMarker,
        LostPacketsBefore = _lostBefore,
        IsMissingLayers = _isDamaged,
        LayerFrames = _layers,
        SpatialLayer = _facts.SpatialLayer,
        TemporalLayer = _facts.TemporalLayer,
        Width = _facts.Width,
        Height = _facts.Height,
        Rotation = _orientation < 0 ? VideoRotation.None : (VideoRotation)(_orientation & 0x03),
    };

    private void Open(in QueuedPacket packet)
    {
        _isOpen = true;
        (_isDamaged, _hasMarker, _hasDecodable, _layers) = (false, false, false, 0);
        buffer.TruncateTo(_carried, _carriedUnits);
        _facts = default;
        _info = new VideoFrameInfo
        {
            Timestamp = packet.Timestamp,
            FirstSequence = packet.Sequence,
            FirstReceivedAt = packet.ReceivedAt,
            LastReceivedAt = packet.ReceivedAt,
        };
    }

    // Without marks in every packet, a picture is one layer frame: once something of it is missing the rest is of no use.
    private bool TryBeginLayer(PacketRole role, bool isBoundary)
    {
        bool canBegin = depacketizer.HasLayerFrames
            ? role.IsStart
            : !_isDamaged && _layers == 0 && (role.IsStart || isBoundary && role.CanStart);
        if (!canBegin)
        {
            Damage();
            return false;
        }
        _isLayerOpen = true;
        _layerAt = buffer.Length;
        _unitsBefore = buffer.UnitCount;
        depacketizer.BeginLayer(isBehindHole: !isBoundary && _layers == 0);
        return true;
    }

    private void EndLayer()
    {
        _isLayerOpen = false;
        LayerVerdict verdict = depacketizer.EndLayer(out LayerFacts facts);
        if (buffer.IsOverrun) verdict = LayerVerdict.Drop;
        switch (verdict)
        {
            case LayerVerdict.Use:
                Keep(facts);
                break;
            case LayerVerdict.Carry when _layers == 0:
                (_carried, _carriedUnits) = (buffer.Length, buffer.UnitCount);
                break;
            default:
                _isLayerOpen = true;
                Damage();
                break;
        }
    }

    private void Keep(in LayerFacts facts)
    {
        if (facts.IsDecodable && !_hasDecodable && _layers > 0)
        {
            buffer.Remove(_carried, _carriedUnits, _layerAt, _unitsBefore);
            (_layers, _isDamaged) = (0, true);
        }
        else if (!facts.IsDecodable && _hasDecodable)
        {
            buffer.TruncateTo(_layerAt, _unitsBefore);
            _isDamaged = true;
            return;
        }
        bool isKeyFrame = _layers == 0 ? facts.IsKeyFrame : _facts.IsKeyFrame;
        _facts = facts with { IsKeyFrame = isKeyFrame };
        _hasDecodable |= facts.IsDecodable;
        _layers++;
    }

    private void Damage()
    {
        _isDamaged = true;
        AbortLayer();
        depacketizer.OnLoss(0);
    }

    private void AbortLayer()
    {
        if (!_isLayerOpen) return;
        _isLayerOpen = false;
        if (buffer.IsOverrun) Oversized++;
        buffer.TruncateTo(_layerAt, _unitsBefore);
        depacketizer.AbortLayer();
    }
}
