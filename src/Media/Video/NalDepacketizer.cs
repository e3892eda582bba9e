using System.Buffers.Binary;

namespace Sfu.Media.Video;

/// <summary>What H.264 and H.265 have in common: NAL units, whole or in fragments, of which one frame is made.</summary>
internal abstract class NalDepacketizer(FrameBuffer buffer, NalFraming framing) : Depacketizer(buffer)
{
    private const int PrefixLength = 4;
    private int _unitAt = -1;                          // where the fragmented unit begins; -1 when there is none

    /// <summary>A unit begun by <see cref="BeginUnit"/> has not ended.</summary>
    protected bool IsUnitOpen => _unitAt >= 0;

    /// <summary>Decodability by continuity.</summary>
    protected ContinuityChain Chain { get; } = new();

    /// <inheritdoc/>
    public override bool HasLayerFrames => false;

    /// <inheritdoc/>
    public override bool NeedsKeyFrame => !Chain.IsIntact;

    /// <inheritdoc/>
    public override void AbortLayer() => _unitAt = -1;

    /// <inheritdoc/>
    public override void OnLoss(long packets) => Chain.Break();

    /// <summary>A whole unit was written.</summary>
    /// <param name="unit">With its header.</param>
    protected abstract void OnUnit(ReadOnlySpan<byte> unit);

    /// <summary>Writes a whole unit; false inside a fragmented one.</summary>
    protected bool AddUnit(ReadOnlySpan<byte> unit)
    {
        if (!BeginUnit()) return false;
        Buffer.Write(unit);
        return EndUnit();
    }

    /// <summary>Begins a unit that comes in fragments.</summary>
    protected bool BeginUnit()
    {
        if (IsUnitOpen) return false;
        Buffer.Write([0, 0, 0, 1]);
        _unitAt = Buffer.Length;
        return true;
    }

    /// <summary>Ends the unit.</summary>
    protected bool EndUnit()
    {
        int at = _unitAt, length = Buffer.Length - at;
        _unitAt = -1;
        if (Buffer.IsOverrun) return false;
        if (framing == NalFraming.LengthPrefixed) BinaryPrimitives.WriteInt32BigEndian(Buffer.Written(at - PrefixLength, PrefixLength), length);
        Buffer.AddUnit(at);
        OnUnit(Buffer.Bytes.Slice(at, length));
        return true;
    }
}
