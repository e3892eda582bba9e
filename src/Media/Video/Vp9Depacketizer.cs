using Sfu.Media.Codecs;

namespace Sfu.Media.Video;

/// <summary>VP9 (RFC 9628): every layer frame has marks where it begins and ends; those of one picture are put behind each other, with a
/// superframe index when there are several (VP9 bitstream specification annex B).</summary>
internal sealed class Vp9Depacketizer(FrameBuffer buffer) : Depacketizer(buffer)
{
    private const int MaxFramesInIndex = 8;
    private const int MaxDifferences = 3;
    private readonly Vp9References _references = new();
    private readonly Vp9FrameHeader _header = new();
    private readonly byte[] _differences = new byte[MaxDifferences];
    private Vp9Descriptor _packet;
    private Vp9Descriptor _first;
    private int _layerAt;

    /// <inheritdoc/>
    public override bool HasLayerFrames => true;

    /// <inheritdoc/>
    public override bool NeedsKeyFrame => _references.NeedsKeyFrame;

    /// <inheritdoc/>
    public override DropReason Read(ReadOnlySpan<byte> payload, bool marker, ReadOnlySpan<byte> descriptor, out PacketRole role)
    {
        DropReason reason = Vp9Descriptor.Parse(payload, out _packet);
        role = new PacketRole(_packet.IsStart, CanStart: false, _packet.IsEnd);
        if (reason == DropReason.None && _packet.IsStart) payload.Slice(_packet.ReferencesAt, _packet.ReferenceCount).CopyTo(_differences);
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
        if (_packet.PictureId != _first.PictureId || _packet.SpatialLayer != _first.SpatialLayer) return false; // of another layer frame
        if (_packet.StructureAt != 0) _references.LoadStructure(payload, _packet);
        Buffer.Write(payload[_packet.Length..]);
        return true;
    }

    /// <inheritdoc/>
    public override LayerVerdict EndLayer(out LayerFacts facts)
    {
        facts = default;
        if (!_header.TryRead(Buffer.Bytes[_layerAt..])) return LayerVerdict.Drop;
        facts = new LayerFacts
        {
            IsKeyFrame = !_first.IsInterPicturePredicted,
            IsDecodable = _references.Accept(_first, _differences.AsSpan(0, _first.ReferenceCount), isNewPicture: _layerAt == 0),
            SpatialLayer = _first.SpatialLayer,
            TemporalLayer = _first.TemporalLayer,
            Width = _header.Width,
            Height = _header.Height,
        };
        Buffer.AddUnit(_layerAt);
        return LayerVerdict.Use;
    }

    /// <inheritdoc/>
    public override void OnLoss(long packets) => _references.OnLoss(packets);

    /// <inheritdoc/>
    public override void FinishPicture()
    {
        int frames = Buffer.UnitCount;
        if (frames is < 2 or > MaxFramesInIndex) return;
        int largest = 0;
        for (int i = 0; i < frames; i++) largest = Math.Max(largest, Buffer.Units[i].Length);
        int bytes = largest <= 0xFF ? 1 : largest <= 0xFFFF ? 2 : largest <= 0xFF_FFFF ? 3 : 4;
        byte mark = (byte)(0xC0 | bytes - 1 << 3 | frames - 1);
        Buffer.WriteByte(mark);
        for (int i = 0; i < frames; i++)
            for (int k = 0; k < bytes; k++) Buffer.WriteByte((byte)(Buffer.Units[i].Length >> 8 * k));
        Buffer.WriteByte(mark);
    }
}
