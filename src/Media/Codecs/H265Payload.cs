namespace Sfu.Media.Codecs;

/// <summary>Reads H.265 payloads: single NAL units, AP, FU and PACI packets (RFC 7798 section 4.4), without DONL fields: they need
/// sprop-max-don-diff, which is never negotiated.</summary>
internal static class H265Payload
{
    private const int HeaderLength = 2;
    private const int FirstTsa = 2;                    // NAL unit types: ITU-T H.265 table 7-1
    private const int LastStsa = 5;
    private const int FirstIrap = 16;
    private const int LastIrap = 21;
    private const int LastSlice = 31;
    private const int VideoParameterSet = 32;
    private const int SequenceParameterSet = 33;
    private const int AccessUnitDelimiter = 35;
    private const int PrefixInformation = 39;
    private const int Aggregation = 48;                // packet types: RFC 7798 section 4.4
    private const int Fragmentation = 49;
    private const int Paci = 50;

    /// <summary>See <see cref="PayloadInspector.Inspect"/>.</summary>
    public static DropReason Inspect(ReadOnlySpan<byte> payload, bool marker, out PayloadInfo info)
    {
        info = default;
        if (payload.Length <= HeaderLength) return DropReason.Truncated;
        var unit = default(AccessUnit);
        ReadOnlySpan<byte> body = payload[HeaderLength..];
        int type = TypeOf(payload);
        DropReason reason = type == Paci ? ReadPaci(payload, ref unit) : ReadBody(type, payload[1], body, ref unit);
        if (reason == DropReason.None) info = unit.ToInfo(marker);
        return reason;
    }

    private static int TypeOf(ReadOnlySpan<byte> unit) => unit[0] >> 1 & 0x3F;

    private static DropReason ReadBody(int type, byte layers, ReadOnlySpan<byte> body, ref AccessUnit seen) => type switch
    {
        Aggregation => ReadAggregate(layers, body, ref seen),
        Fragmentation => ReadFragment(layers, body, ref seen),
        >= Paci => DropReason.Malformed,               // PACI within PACI, or reserved
        _ => seen.Add(type, layers, isStart: true, !body.IsEmpty && (body[0] & 0x80) != 0),
    };

    // Section 4.4.4: the type of the carried unit is in cType, PHSsize bytes of extensions come before its body.
    private static DropReason ReadPaci(ReadOnlySpan<byte> payload, ref AccessUnit seen)
    {
        var reader = new PayloadReader(payload[HeaderLength..]);
        int fields = reader.ReadUInt16();
        reader.ReadBytes(fields >> 4 & 0x1F);
        if (reader.Failed || reader.Remaining == 0) return DropReason.Truncated;
        return ReadBody(fields >> 9 & 0x3F, payload[1], reader.Rest, ref seen);
    }

    private static DropReason ReadAggregate(byte layers, ReadOnlySpan<byte> body, ref AccessUnit seen)
    {
        if ((layers & 0x07) == 0) return DropReason.Malformed;
        var reader = new PayloadReader(body);
        if (reader.Remaining == 0) return DropReason.Truncated;
        while (reader.Remaining > 0)
        {
            ReadOnlySpan<byte> unit = reader.ReadBytes(reader.ReadUInt16());
            if (reader.Failed) return DropReason.Truncated;
            if (unit.Length < HeaderLength || TypeOf(unit) >= Aggregation) return DropReason.Malformed;
            DropReason reason = ReadBody(TypeOf(unit), unit[1], unit[HeaderLength..], ref seen);
            if (reason != DropReason.None) return reason;
        }
        return DropReason.None;
    }

    private static DropReason ReadFragment(byte layers, ReadOnlySpan<byte> body, ref AccessUnit seen)
    {
        if (body.Length < 2) return DropReason.Truncated;
        int type = body[0] & 0x3F;
        if (type >= Aggregation) return DropReason.Malformed;
        bool isStart = (body[0] & 0x80) != 0;
        return seen.Add(type, layers, isStart, isStart && (body[1] & 0x80) != 0);
    }

    /// <summary>What the units of one packet say together.</summary>
    private struct AccessUnit
    {
        private bool _isKeyFrame;
        private bool _isFrameStart;
        private bool _isSwitchingPoint;
        private byte _temporalLayer;

        /// <summary>Adds a unit or the fragment of one.</summary>
        /// <param name="type">NAL unit type, 0 to 47.</param>
        /// <param name="layers">Second header byte: layer id and temporal id plus 1.</param>
        /// <param name="isStart">Its first byte is in this packet.</param>
        /// <param name="isFirstSlice">first_slice_segment_in_pic_flag, the first bit behind the header.</param>
        public DropReason Add(int type, byte layers, bool isStart, bool isFirstSlice)
        {
            int temporalPlus1 = layers & 0x07;
            if (temporalPlus1 == 0) return DropReason.Malformed; // forbidden, H.265 section 7.4.2.2
            _temporalLayer = Math.Max(_temporalLayer, (byte)(temporalPlus1 - 1));
            if (type <= LastSlice)
            {
                _isFrameStart |= isFirstSlice;
                _isKeyFrame |= isFirstSlice && type is >= FirstIrap and <= LastIrap;
                _isSwitchingPoint |= type is >= FirstTsa and <= LastStsa;
            }
            else if (isStart)
            {
                // These come before the first slice of an access unit (H.265 section 7.4.2.4.4).
                _isFrameStart |= type is >= VideoParameterSet and <= AccessUnitDelimiter or PrefixInformation;
                _isKeyFrame |= type is VideoParameterSet or SequenceParameterSet;
            }
            return DropReason.None;
        }

        // Whether a frame is discardable cannot be seen: "sub-layer non-reference" frames may serve higher temporal layers.
        public readonly PayloadInfo ToInfo(bool marker) => new()
        {
            IsKeyFrame = _isKeyFrame,
            IsFrameStart = _isFrameStart,
            IsFrameEnd = marker,
            IsSwitchingPoint = _isKeyFrame || _isSwitchingPoint,
            TemporalLayer = _temporalLayer,
        };
    }
}
