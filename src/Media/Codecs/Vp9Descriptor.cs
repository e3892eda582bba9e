namespace Sfu.Media.Codecs;

/// <summary>The VP9 payload descriptor, read in place (RFC 9628 section 4.2). Offsets are in bytes from the start of the payload; the
/// descriptor's first byte is never one of them, so 0 says that a field is absent.</summary>
public readonly record struct Vp9Descriptor
{
    private const int MaxReferences = 3;

    /// <summary>Length of the descriptor: where the VP9 data begins.</summary>
    public ushort Length { get; init; }

    /// <summary>Bits of the picture id: 7, 15, or 0 when there is none.</summary>
    public byte PictureIdBits { get; init; }

    /// <summary>Picture id, without the bit that tells its length.</summary>
    public ushort PictureId { get; init; }

    /// <summary>Where the picture id is (one byte, or two with the top bit set), or 0.</summary>
    public byte PictureIdAt { get; init; }

    /// <summary>P: the frame refers to frames of other pictures.</summary>
    public bool IsInterPicturePredicted { get; init; }

    /// <summary>L: layer indices are there.</summary>
    public bool HasLayers { get; init; }

    /// <summary>F: flexible mode, references are listed in every packet.</summary>
    public bool IsFlexible { get; init; }

    /// <summary>B: the packet begins a layer frame.</summary>
    public bool IsStart { get; init; }

    /// <summary>E: the packet ends a layer frame.</summary>
    public bool IsEnd { get; init; }

    /// <summary>Z: no higher spatial layer of this picture refers to this layer frame.</summary>
    public bool IsNotReferencedBySpatial { get; init; }

    /// <summary>TID: temporal layer, 0 to 7; 0 when absent.</summary>
    public byte TemporalLayer { get; init; }

    /// <summary>U: from this picture on, the receiver may switch up to this temporal layer.</summary>
    public bool IsSwitchingUpPoint { get; init; }

    /// <summary>SID: spatial layer, 0 to 7; 0 when absent.</summary>
    public byte SpatialLayer { get; init; }

    /// <summary>D: the frame refers to a lower spatial layer of its picture.</summary>
    public bool IsInterLayerPredicted { get; init; }

    /// <summary>TL0PICIDX: number of the last frame of temporal layer 0; non-flexible mode only.</summary>
    public byte Tl0PicIdx { get; init; }

    /// <summary>Where TL0PICIDX is, or 0.</summary>
    public byte Tl0PicIdxAt { get; init; }

    /// <summary>Pictures this one refers to in flexible mode, 0 to 3.</summary>
    public byte ReferenceCount { get; init; }

    /// <summary>Where the bytes with the P_DIFFs of flexible mode are, <see cref="ReferenceCount"/> of them, or 0: how many pictures back
    /// each reference is, in the upper seven bits.</summary>
    public byte ReferencesAt { get; init; }

    /// <summary>Where the scalability structure is, or 0.</summary>
    public byte StructureAt { get; init; }

    /// <summary>V: the scalability structure; <c>default</c> when the packet has none.</summary>
    public Vp9ScalabilityStructure Structure { get; init; }

    /// <summary>The packet begins a picture that needs no other one.</summary>
    public bool IsKeyFrameStart => IsStart && !IsInterPicturePredicted && SpatialLayer == 0;

    /// <summary>Reads the descriptor.</summary>
    /// <param name="payload">The RTP payload; hostile.</param>
    /// <param name="descriptor">Valid only for <see cref="DropReason.None"/>; VP9 data follows it then.</param>
    public static DropReason Parse(ReadOnlySpan<byte> payload, out Vp9Descriptor descriptor)
    {
        descriptor = default;
        var reader = new PayloadReader(payload);
        byte head = reader.ReadByte();
        bool isFlexible = (head & 0x10) != 0, hasLayers = (head & 0x20) != 0, isPredicted = (head & 0x40) != 0;
        int pictureIdAt = 0, pictureIdBits = 0, pictureId = 0, tl0At = 0, references = 0, referencesAt = 0, structureAt = 0;
        byte layers = 0, tl0 = 0;
        if ((head & 0x80) != 0)
        {
            pictureIdAt = reader.At;
            pictureId = reader.ReadByte();
            pictureIdBits = pictureId >= 0x80 ? 15 : 7;
            if (pictureIdBits == 15) pictureId = (pictureId & 0x7F) << 8 | reader.ReadByte();
        }
        else if (isFlexible && !reader.Failed)
        {
            return DropReason.Malformed;               // flexible mode needs the picture id that its references count from
        }
        if (hasLayers)
        {
            layers = reader.ReadByte();
            if (!isFlexible)
            {
                tl0At = reader.At;
                tl0 = reader.ReadByte();
            }
        }
        if (isPredicted && isFlexible)
        {
            referencesAt = reader.At;
            for (bool more = true; more && !reader.Failed; references++)
            {
                if (references == MaxReferences) return DropReason.Malformed;
                more = (reader.ReadByte() & 0x01) != 0;
            }
        }
        Vp9ScalabilityStructure structure = default;
        if ((head & 0x02) != 0)
        {
            structureAt = reader.At;
            structure = Vp9ScalabilityStructure.Read(ref reader);
        }
        if (reader.Failed || reader.Remaining == 0) return DropReason.Truncated;
        descriptor = new Vp9Descriptor
        {
            Length = (ushort)reader.At,
            PictureIdBits = (byte)pictureIdBits,
            PictureId = (ushort)pictureId,
            PictureIdAt = (byte)pictureIdAt,
            IsInterPicturePredicted = isPredicted,
            HasLayers = hasLayers,
            IsFlexible = isFlexible,
            IsStart = (head & 0x08) != 0,
            IsEnd = (head & 0x04) != 0,
            IsNotReferencedBySpatial = (head & 0x01) != 0,
            TemporalLayer = (byte)(layers >> 5),
            IsSwitchingUpPoint = (layers & 0x10) != 0,
            SpatialLayer = (byte)(layers >> 1 & 0x07),
            IsInterLayerPredicted = (layers & 0x01) != 0,
            Tl0PicIdx = tl0,
            Tl0PicIdxAt = (byte)tl0At,
            ReferenceCount = (byte)references,
            ReferencesAt = (byte)referencesAt,
            StructureAt = (byte)structureAt,
            Structure = structure,
        };
        return DropReason.None;
    }
}
