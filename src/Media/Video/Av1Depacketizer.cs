using Sfu.Media.Codecs;

namespace Sfu.Media.Video;

/// <summary>AV1 (AOM RTP specification section 4): OBU fragments are joined, every OBU gets its size back, temporal delimiters and tile
/// lists go. With dependency descriptors every frame of a temporal unit is a layer frame; without, the unit is.</summary>
internal sealed class Av1Depacketizer(FrameBuffer buffer, bool withTemporalDelimiter) : Depacketizer(buffer)
{
    private const int SequenceHeader = 1;              // OBU types: AV1 specification section 6.2.2
    private const int TemporalDelimiter = 2;
    private const int FrameHeader = 3;
    private const int Frame = 6;
    private const int TileList = 8;
    private const int HasSize = 0x02;
    private const int MaxLeb128Bytes = 8;
    private readonly Av1ParameterSets _sets = new();
    private readonly ContinuityChain _chain = new();
    private readonly DependencyDescriptor _packet = new();
    private readonly FrameReferences _references = new();
    private bool _hasDescriptor;
    private bool _isContinued;                         // Z of the packet that was read
    private int _unitAt = -1;                          // OBU whose last byte has not come; -1 when there is none
    private bool _hasFrame;
    private bool _isKeyFrame;
    private int _temporalLayer;
    private int _spatialLayer;

    /// <inheritdoc/>
    public override VideoParameterSets ParameterSets => _sets;

    /// <inheritdoc/>
    public override bool HasLayerFrames => _hasDescriptor;

    /// <inheritdoc/>
    public override bool NeedsKeyFrame => _hasDescriptor ? _references.NeedsKeyFrame : !_chain.IsIntact;

    /// <inheritdoc/>
    public override DropReason Read(ReadOnlySpan<byte> payload, bool marker, ReadOnlySpan<byte> descriptor, out PacketRole role)
    {
        role = default;
        DropReason reason = Av1Payload.Inspect(payload, marker, out PayloadInfo info);
        if (reason != DropReason.None) return reason;
        _isContinued = (payload[0] & 0x80) != 0;
        _hasDescriptor = !descriptor.IsEmpty;
        if (_hasDescriptor && !_packet.Read(descriptor)) return DropReason.Malformed;
        role = _hasDescriptor
            ? new PacketRole(_packet.IsFrameStart, CanStart: false, _packet.IsFrameEnd)
            : new PacketRole(info.IsKeyFrame, !_isContinued, IsEnd: marker);
        return DropReason.None;
    }

    /// <inheritdoc/>
    public override void BeginLayer(bool isBehindHole)
    {
        _hasFrame = _isKeyFrame = false;
        (_temporalLayer, _spatialLayer) = (0, 0);
    }

    /// <inheritdoc/>
    public override bool Append(ReadOnlySpan<byte> payload)
    {
        int count = payload[0] >> 4 & 0x03;            // W; 0 says: every element has a length
        bool isLastOpen = (payload[0] & 0x40) != 0;    // Y
        if (_isContinued != _unitAt >= 0 || _hasDescriptor && !_packet.IsSameFrame) return false;
        var reader = new PayloadReader(payload[1..]);
        for (int number = 1; reader.Remaining > 0; number++)
        {
            int length = count == 0 || number < count ? (int)reader.ReadLeb128() : reader.Remaining;
            if (_unitAt < 0) _unitAt = Buffer.Length;
            Buffer.Write(reader.ReadBytes(length));
            if ((reader.Remaining > 0 || !isLastOpen) && !EndUnit()) return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public override LayerVerdict EndLayer(out LayerFacts facts)
    {
        facts = default;
        if (_unitAt >= 0) return LayerVerdict.Drop;
        if (!_hasFrame) return _hasDescriptor ? LayerVerdict.Drop : LayerVerdict.Carry;
        bool isKnown = _sets.Count > 0;
        bool isDecodable = isKnown & (_hasDescriptor ? _references.Accept(_packet) : _chain.Accept(_isKeyFrame && isKnown, -1, out _));
        bool hasSize = _hasDescriptor && _packet.Width > 0;
        facts = new LayerFacts
        {
            IsKeyFrame = _isKeyFrame,
            IsDecodable = isDecodable,
            TemporalLayer = _hasDescriptor ? _packet.TemporalLayer : _temporalLayer,
            SpatialLayer = _hasDescriptor ? _packet.SpatialLayer : _spatialLayer,
            Width = hasSize ? _packet.Width : _sets.Width,
            Height = hasSize ? _packet.Height : _sets.Height,
        };
        return LayerVerdict.Use;
    }

    /// <inheritdoc/>
    public override void AbortLayer() => _unitAt = -1;

    /// <inheritdoc/>
    public override void OnLoss(long packets) => _chain.Break();

    /// <inheritdoc/>
    public override void FinishPicture()
    {
        if (withTemporalDelimiter) Buffer.Insert(0, [TemporalDelimiter << 3 | HasSize, 0]);
    }

    // The OBU is whole: checks it, and gives it a size unless the sender left it one (which should not be, section 4.5).
    private bool EndUnit()
    {
        int at = _unitAt, length = Buffer.Length - at;
        _unitAt = -1;
        if (Buffer.IsOverrun) return false;
        if (length == 0) return true;
        var reader = new PayloadReader(Buffer.Bytes[at..]);
        byte header = reader.ReadByte();
        int type = header >> 3 & 0x0F;
        byte layers = (header & 0x04) != 0 ? reader.ReadByte() : (byte)0;
        if ((header & HasSize) != 0 && reader.ReadLeb128() != reader.Remaining || reader.Failed) return false;
        if (type is TemporalDelimiter or TileList)
        {
            Buffer.TruncateTo(at, Buffer.UnitCount);
            return true;
        }
        (_temporalLayer, _spatialLayer) = (Math.Max(_temporalLayer, layers >> 5), Math.Max(_spatialLayer, layers >> 3 & 0x03));
        int contentAt = reader.At;
        if (type is FrameHeader or Frame && !_hasFrame)
        {
            _hasFrame = true;
            _isKeyFrame = (reader.ReadByte() & 0xE0) == 0 && !reader.Failed;         // show_existing_frame 0, frame_type KEY_FRAME
        }
        if ((header & HasSize) == 0) WriteSize(at, contentAt, length - contentAt);
        Buffer.AddUnit(at);
        if (type == SequenceHeader) _sets.Add(Buffer.Bytes[at..]);
        return !Buffer.IsOverrun;
    }

    private void WriteSize(int at, int contentAt, int size)
    {
        Span<byte> leb128 = stackalloc byte[MaxLeb128Bytes];
        int bytes = 0;
        do
        {
            leb128[bytes++] = (byte)(size & 0x7F | (size > 0x7F ? 0x80 : 0));
            size >>= 7;
        }
        while (size > 0);
        Buffer.Insert(at + contentAt, leb128[..bytes]);
        if (!Buffer.IsOverrun) Buffer.Written(at, 1)[0] |= HasSize;
    }
}
