using Sfu.Media.Codecs;

namespace Sfu.Media.Video;

/// <summary>H.264 (RFC 6184), packetization modes 0 and 1: single NAL units, STAP-A and FU-A. Interleaved packets (mode 2) are refused:
/// they are never negotiated.</summary>
internal sealed class H264Depacketizer(FrameBuffer buffer, NalFraming framing) : NalDepacketizer(buffer, framing)
{
    private const int Slice = 1;
    private const int PartitionA = 2;
    private const int IdrSlice = 5;
    private const int Supplemental = 6;
    private const int FirstSet = 7;                    // sequence set, then picture set
    private const int StapA = 24;
    private const int FirstInterleaved = 25;
    private const int LastInterleaved = 27;
    private const int FuA = 28;
    private const int FuB = 29;
    private readonly H264ParameterSets _sets = new();
    private bool _isBehindHole;
    private int _kindsInBand;                          // the kinds of sets that the sender sends with its key frames
    private int _kinds;                                // those seen in this frame
    private bool _hasSlice;
    private bool _isKeyFrame;
    private bool _isReferred;
    private bool _areSetsKnown;
    private int _recoveryFrames;

    /// <inheritdoc/>
    public override VideoParameterSets ParameterSets => _sets;

    /// <inheritdoc/>
    public override DropReason Read(ReadOnlySpan<byte> payload, bool marker, ReadOnlySpan<byte> descriptor, out PacketRole role)
    {
        role = default;
        DropReason reason = H264Payload.Inspect(payload, marker, out PayloadInfo info);
        if (reason != DropReason.None) return reason;
        int type = payload[0] & 0x1F;
        if (type is >= FirstInterleaved and <= LastInterleaved or FuB) return DropReason.Malformed;
        role = new PacketRole(info.IsFrameStart, CanStart: type != FuA || (payload[1] & 0x80) != 0, IsEnd: marker);
        return DropReason.None;
    }

    /// <inheritdoc/>
    public override void BeginLayer(bool isBehindHole)
    {
        _isBehindHole = isBehindHole;
        _hasSlice = _isKeyFrame = _isReferred = _areSetsKnown = false;
        (_kinds, _recoveryFrames) = (0, -1);
    }

    /// <inheritdoc/>
    public override bool Append(ReadOnlySpan<byte> payload) => (payload[0] & 0x1F) switch
    {
        StapA => AppendAggregate(payload[1..]),
        FuA => AppendFragment(payload),
        _ => AddUnit(payload),
    };

    /// <inheritdoc/>
    public override LayerVerdict EndLayer(out LayerFacts facts)
    {
        facts = default;
        if (IsUnitOpen) return LayerVerdict.Drop;
        if (!_hasSlice) return LayerVerdict.Carry;
        // The first packet after a hole looks like a start, but the packet of sets that belongs before it is gone.
        if (_isKeyFrame && _isBehindHole && (_kindsInBand & ~_kinds) != 0) return LayerVerdict.Drop;
        if (_isKeyFrame && !_isBehindHole) _kindsInBand = _kinds;
        bool isDecodable = Chain.Accept(_isKeyFrame && _areSetsKnown, _areSetsKnown ? _recoveryFrames : -1, out bool isRecovering) && _areSetsKnown;
        facts = new LayerFacts
        {
            IsKeyFrame = _isKeyFrame,
            IsDecodable = isDecodable,
            IsRecovering = isDecodable && isRecovering,
            IsDiscardable = !_isReferred,
            Width = _sets.Width,
            Height = _sets.Height,
        };
        return LayerVerdict.Use;
    }

    /// <inheritdoc/>
    protected override void OnUnit(ReadOnlySpan<byte> unit)
    {
        int type = unit[0] & 0x1F;
        if (type is >= Slice and <= IdrSlice)
        {
            if (!_hasSlice && type is Slice or PartitionA or IdrSlice) _areSetsKnown = _sets.TryActivate(unit);
            _hasSlice = true;
            _isKeyFrame |= type == IdrSlice;
            _isReferred |= (unit[0] & 0x60) != 0;
        }
        else if (type == Supplemental)
        {
            if (H264ParameterSet.TryReadRecoveryPoint(unit, out int frames)) _recoveryFrames = frames;
        }
        else if (_sets.Add(unit))
        {
            _kinds |= 1 << type - FirstSet;
            _kindsInBand |= _kinds;
        }
    }

    private bool AppendAggregate(ReadOnlySpan<byte> units)
    {
        var reader = new PayloadReader(units);
        while (reader.Remaining > 0)
            if (!AddUnit(reader.ReadBytes(reader.ReadUInt16()))) return false;
        return true;
    }

    // The unit's header is put together from the indicator (NRI) and the FU header (type), section 5.8.
    private bool AppendFragment(ReadOnlySpan<byte> payload)
    {
        bool isStart = (payload[1] & 0x80) != 0, isEnd = (payload[1] & 0x40) != 0;
        if (isStart ? !BeginUnit() : !IsUnitOpen) return false;
        if (isStart) Buffer.WriteByte((byte)(payload[0] & 0xE0 | payload[1] & 0x1F));
        Buffer.Write(payload[2..]);
        return !isEnd || EndUnit();
    }
}
