using Sfu.Media.Codecs;

namespace Sfu.Media.Video;

/// <summary>H.265 (RFC 7798): single NAL units, AP, FU, and PACI undone; without DONL fields, which are never negotiated.</summary>
internal sealed class H265Depacketizer(FrameBuffer buffer, NalFraming framing) : NalDepacketizer(buffer, framing)
{
    private const int HeaderLength = 2;
    private const int FirstRasl = 8;                   // RASL_N, RASL_R: need pictures before their random access picture
    private const int LastRasl = 9;
    private const int LastSubLayerNonReference = 14;   // even types up to here
    private const int FirstIrap = 16;
    private const int LastBla = 18;
    private const int LastIrap = 21;
    private const int LastSlice = 31;
    private const int FirstSet = 32;                   // video set, then sequence and picture set
    private const int PrefixInformation = 39;
    private const int Aggregation = 48;
    private const int Fragmentation = 49;
    private const int Paci = 50;
    private readonly H265ParameterSets _sets = new();
    private bool _isBehindHole;
    private int _kindsInBand;                          // the kinds of sets that the sender sends with its key frames
    private int _kinds;                                // those seen in this frame
    private bool _areSetsKnown;
    private int _type;                                 // of the first slice, or -1
    private int _temporalLayer;
    private int _recoveryFrames;
    private bool _skipsRasl;                           // decoding began with the random access picture before

    /// <inheritdoc/>
    public override VideoParameterSets ParameterSets => _sets;

    /// <inheritdoc/>
    public override DropReason Read(ReadOnlySpan<byte> payload, bool marker, ReadOnlySpan<byte> descriptor, out PacketRole role)
    {
        role = default;
        DropReason reason = H265Payload.Inspect(payload, marker, out PayloadInfo info);
        if (reason != DropReason.None) return reason;
        Unwrap(payload, out int type, out _, out ReadOnlySpan<byte> body);
        role = new PacketRole(info.IsFrameStart, CanStart: type != Fragmentation || (body[0] & 0x80) != 0, IsEnd: marker);
        return DropReason.None;
    }

    /// <inheritdoc/>
    public override void BeginLayer(bool isBehindHole)
    {
        _isBehindHole = isBehindHole;
        _areSetsKnown = false;
        (_type, _temporalLayer, _recoveryFrames, _kinds) = (-1, 0, -1, 0);
    }

    /// <inheritdoc/>
    public override bool Append(ReadOnlySpan<byte> payload)
    {
        Unwrap(payload, out int type, out byte first, out ReadOnlySpan<byte> body);
        return type switch
        {
            Aggregation => AppendAggregate(body),
            Fragmentation => AppendFragment(first, payload[1], body),
            _ => AppendSingle(first, payload[1], body),
        };
    }

    /// <inheritdoc/>
    public override LayerVerdict EndLayer(out LayerFacts facts)
    {
        facts = default;
        if (IsUnitOpen) return LayerVerdict.Drop;
        if (_type < 0) return LayerVerdict.Carry;
        bool isRandomAccess = _type is >= FirstIrap and <= LastIrap;
        // The first packet after a hole looks like a start, but the packet of sets that belongs before it is gone.
        if (isRandomAccess && _isBehindHole && (_kindsInBand & ~_kinds) != 0) return LayerVerdict.Drop;
        if (isRandomAccess && !_isBehindHole) _kindsInBand = _kinds;
        bool isBeginning = !Chain.IsIntact;
        bool isIntact = Chain.Accept(isRandomAccess && _areSetsKnown, _areSetsKnown ? _recoveryFrames : -1, out bool isRecovering);
        if (isRandomAccess) _skipsRasl = isBeginning || _type <= LastBla;
        bool isDecodable = isIntact && _areSetsKnown && !(_skipsRasl && _type is >= FirstRasl and <= LastRasl);
        facts = new LayerFacts
        {
            IsKeyFrame = isRandomAccess,
            IsDecodable = isDecodable,
            IsRecovering = isDecodable && isRecovering,
            IsDiscardable = _type <= LastSubLayerNonReference && (_type & 1) == 0 && _temporalLayer > 0,
            TemporalLayer = _temporalLayer,
            Width = _sets.Width,
            Height = _sets.Height,
        };
        return LayerVerdict.Use;
    }

    /// <inheritdoc/>
    protected override void OnUnit(ReadOnlySpan<byte> unit)
    {
        int type = unit[0] >> 1 & 0x3F;
        if (type <= LastSlice)
        {
            if (_type >= 0) return;
            _type = type;
            _temporalLayer = Math.Max((unit[1] & 0x07) - 1, 0);
            _areSetsKnown = _sets.TryActivate(unit, type is >= FirstIrap and <= 23);   // with the two reserved IRAP types
        }
        else if (type == PrefixInformation)
        {
            if (H265ParameterSet.TryReadRecoveryPoint(unit, out int frames)) _recoveryFrames = frames;
        }
        else if (_sets.Add(unit))
        {
            _kinds |= 1 << type - FirstSet;
            _kindsInBand |= _kinds;
        }
    }

    // PACI carries one other packet: its type, and F and layer bits, are in the PACI's own header (section 4.4.4).
    private static void Unwrap(ReadOnlySpan<byte> payload, out int type, out byte first, out ReadOnlySpan<byte> body)
    {
        first = payload[0];
        type = first >> 1 & 0x3F;
        body = payload[HeaderLength..];
        if (type != Paci) return;
        type = body[0] >> 1 & 0x3F;
        first = (byte)(first & 0x01 | body[0] & 0xFE);
        body = body[(2 + ((body[0] << 8 | body[1]) >> 4 & 0x1F))..];
    }

    private bool AppendSingle(byte first, byte second, ReadOnlySpan<byte> body)
    {
        if (!BeginUnit()) return false;
        Buffer.WriteByte(first);
        Buffer.WriteByte(second);
        Buffer.Write(body);
        return EndUnit();
    }

    private bool AppendAggregate(ReadOnlySpan<byte> units)
    {
        var reader = new PayloadReader(units);
        while (reader.Remaining > 0)
            if (!AddUnit(reader.ReadBytes(reader.ReadUInt16()))) return false;
        return true;
    }

    private bool AppendFragment(byte first, byte second, ReadOnlySpan<byte> body)
    {
        bool isStart = (body[0] & 0x80) != 0, isEnd = (body[0] & 0x40) != 0;
        if (isStart ? !BeginUnit() : !IsUnitOpen) return false;
        if (isStart)
        {
            Buffer.WriteByte((byte)(first & 0x81 | (body[0] & 0x3F) << 1));
            Buffer.WriteByte(second);
        }
        Buffer.Write(body[1..]);
        return !isEnd || EndUnit();
    }
}
