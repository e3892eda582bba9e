namespace Sfu.Media.Codecs;

/// <summary>Reads H.264 payloads: single NAL units, STAP, MTAP and FU packets (RFC 6184 section 5.2). Only NAL unit headers and the
/// first bit of slices are looked at.</summary>
internal static class H264Payload
{
    private const int Slice = 1;                       // NAL unit types: ITU-T H.264 table 7-1
    private const int IdrSlice = 5;
    private const int EnhancementInformation = 6;
    private const int SequenceParameterSet = 7;
    private const int AccessUnitDelimiter = 9;
    private const int FirstReservedPrefix = 14;
    private const int LastReservedPrefix = 18;
    private const int StapA = 24;                      // packet types: RFC 6184 table 1
    private const int StapB = 25;
    private const int Mtap16 = 26;
    private const int Mtap24 = 27;
    private const int FuA = 28;
    private const int FuB = 29;

    /// <summary>See <see cref="PayloadInspector.Inspect"/>.</summary>
    public static DropReason Inspect(ReadOnlySpan<byte> payload, bool marker, out PayloadInfo info)
    {
        info = default;
        if (payload.IsEmpty) return DropReason.Truncated;
        var unit = default(AccessUnit);
        DropReason reason = (payload[0] & 0x1F) switch
        {
            0 or > FuB => DropReason.Malformed,        // undefined
            StapA => ReadAggregate(payload, orderLength: 0, unitHeader: 0, ref unit),
            StapB => ReadAggregate(payload, orderLength: 2, unitHeader: 0, ref unit),
            Mtap16 => ReadAggregate(payload, orderLength: 2, unitHeader: 3, ref unit),
            Mtap24 => ReadAggregate(payload, orderLength: 2, unitHeader: 4, ref unit),
            FuA => ReadFragment(payload, orderLength: 0, ref unit),
            FuB => ReadFragment(payload, orderLength: 2, ref unit),
            _ => ReadSingle(payload, ref unit),
        };
        if (reason == DropReason.None) info = unit.ToInfo(marker);
        return reason;
    }

    private static DropReason ReadSingle(ReadOnlySpan<byte> unit, ref AccessUnit seen)
    {
        seen.Add(unit[0], isStart: true, unit.Length > 1 && (unit[1] & 0x80) != 0);
        return DropReason.None;
    }

    // STAP: units with a 16-bit length each; MTAP: the same with DOND and a time stamp offset before each (sections 5.7.1, 5.7.2).
    private static DropReason ReadAggregate(ReadOnlySpan<byte> payload, int orderLength, int unitHeader, ref AccessUnit seen)
    {
        var reader = new PayloadReader(payload[1..]);
        reader.ReadBytes(orderLength);
        if (reader.Failed || reader.Remaining == 0) return DropReason.Truncated;
        while (reader.Remaining > 0)
        {
            int length = reader.ReadUInt16();
            reader.ReadBytes(unitHeader);
            ReadOnlySpan<byte> unit = reader.ReadBytes(length);
            if (reader.Failed) return DropReason.Truncated;
            if (unit.IsEmpty || (unit[0] & 0x1F) is 0 or >= StapA) return DropReason.Malformed; // no packet inside a packet
            ReadSingle(unit, ref seen);
        }
        return DropReason.None;
    }

    // FU: the unit's header is split over the indicator (NRI) and the FU header (type), section 5.8.
    private static DropReason ReadFragment(ReadOnlySpan<byte> payload, int orderLength, ref AccessUnit seen)
    {
        if (payload.Length < 3 + orderLength) return DropReason.Truncated;
        int type = payload[1] & 0x1F;
        if (type is 0 or >= StapA) return DropReason.Malformed;
        bool isStart = (payload[1] & 0x80) != 0;
        seen.Add((byte)(payload[0] & 0xE0 | type), isStart, isStart && (payload[2 + orderLength] & 0x80) != 0);
        return DropReason.None;
    }

    /// <summary>What the units of one packet say together.</summary>
    private struct AccessUnit
    {
        private bool _isKeyFrame;
        private bool _isFrameStart;
        private bool _hasSlice;
        private bool _isReferred;

        /// <summary>Adds a unit or the fragment of one.</summary>
        /// <param name="header">NRI and type.</param>
        /// <param name="isStart">Its first byte is in this packet.</param>
        /// <param name="isFirstSlice">first_mb_in_slice is 0: ue(v) of 0 is a single 1 bit.</param>
        public void Add(byte header, bool isStart, bool isFirstSlice)
        {
            int type = header & 0x1F;
            if (type is >= Slice and <= IdrSlice)
            {
                _hasSlice = true;
                _isReferred |= (header & 0x60) != 0;
                bool isSlice = type is Slice or IdrSlice or 2; // 2 is partition A, the one with a slice header and its first macroblock
                _isFrameStart |= isStart && isFirstSlice && isSlice;
                _isKeyFrame |= isStart && isFirstSlice && type == IdrSlice;
            }
            else if (isStart)
            {
                // These come before the first slice of an access unit (H.264 section 7.4.1.2.3).
                _isFrameStart |= type is >= EnhancementInformation and <= AccessUnitDelimiter or >= FirstReservedPrefix and <= LastReservedPrefix;
                _isKeyFrame |= type == SequenceParameterSet;
            }
        }

        public readonly PayloadInfo ToInfo(bool marker) => new()
        {
            IsKeyFrame = _isKeyFrame,
            IsFrameStart = _isFrameStart,
            IsFrameEnd = marker,
            IsSwitchingPoint = _isKeyFrame,
            IsDiscardable = _hasSlice && !_isReferred,
        };
    }
}
