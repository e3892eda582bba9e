namespace Sfu.Media.Codecs;

/// <summary>Reads AV1 payloads: the aggregation header and the OBU elements behind it (AOM "RTP Payload Format For AV1" section 4.4,
/// 4.5). Of an OBU only its header and the first bits of a frame header are looked at.</summary>
internal static class Av1Payload
{
    private const int SequenceHeader = 1;              // OBU types: AV1 specification section 6.2.2
    private const int TemporalDelimiter = 2;
    private const int FrameHeader = 3;
    private const int Metadata = 5;
    private const int Frame = 6;

    /// <summary>See <see cref="PayloadInspector.Inspect"/>.</summary>
    public static DropReason Inspect(ReadOnlySpan<byte> payload, bool marker, out PayloadInfo info)
    {
        info = default;
        if (payload.Length < 2) return DropReason.Truncated;
        bool isContinuation = (payload[0] & 0x80) != 0, isNewSequence = (payload[0] & 0x08) != 0;
        int count = payload[0] >> 4 & 0x03;            // W; 0 says: every element has a length
        if (isContinuation && isNewSequence) return DropReason.Malformed;
        var seen = default(TemporalUnit);
        var reader = new PayloadReader(payload[1..]);
        int number = 0;
        for (; reader.Remaining > 0; number++)
        {
            if (count != 0 && number == count) return DropReason.Malformed; // bytes behind the last element
            bool hasLength = count == 0 || number < count - 1;
            uint length = hasLength ? reader.ReadLeb128() : (uint)reader.Remaining;
            if (reader.Failed || length > reader.Remaining) return DropReason.Truncated;
            ReadOnlySpan<byte> element = reader.ReadBytes((int)length);
            bool isFragmentOfEarlier = number == 0 && isContinuation;
            if (!isFragmentOfEarlier && !element.IsEmpty && !seen.Add(element, isFirst: number == 0)) return DropReason.Malformed;
        }
        if (number < count) return DropReason.Truncated;
        info = seen.ToInfo(isContinuation, isNewSequence, marker);
        return DropReason.None;
    }

    /// <summary>What the OBUs of one packet say together.</summary>
    private struct TemporalUnit
    {
        private bool _isFrameStart;
        private bool _hasSequenceHeader;
        private bool _hasFrame;
        private bool _isFirstFrameKey;
        private bool _hasLayers;
        private byte _temporalLayer;
        private byte _spatialLayer;

        /// <summary>Adds an OBU whose first byte is in this packet; false when its header is forbidden.</summary>
        public bool Add(ReadOnlySpan<byte> obu, bool isFirst)
        {
            var reader = new PayloadReader(obu);
            byte header = reader.ReadByte();
            if ((header & 0x80) != 0) return false;    // obu_forbidden_bit
            int type = header >> 3 & 0x0F;
            bool hasExtension = (header & 0x04) != 0;
            byte layers = hasExtension ? reader.ReadByte() : (byte)0;
            if ((header & 0x02) != 0) reader.ReadLeb128();
            if (hasExtension && !_hasLayers)
            {
                _hasLayers = true;
                _temporalLayer = (byte)(layers >> 5);
                _spatialLayer = (byte)(layers >> 3 & 0x03);
            }
            _hasSequenceHeader |= type == SequenceHeader && !_hasFrame;
            _isFrameStart |= isFirst && type is SequenceHeader or TemporalDelimiter or FrameHeader or Metadata or Frame;
            if (type is FrameHeader or Frame && !_hasFrame)
            {
                _hasFrame = true;
                _isFirstFrameKey = (reader.ReadByte() & 0xE0) == 0 && !reader.Failed; // show_existing_frame 0, frame_type KEY_FRAME
            }
            return true;
        }

        /// <remarks>A sequence header may be repeated before frames that are no key frames: it counts only when the frame behind it is
        /// a key frame, or begins in a later packet.</remarks>
        public readonly PayloadInfo ToInfo(bool isContinuation, bool isNewSequence, bool marker)
        {
            bool isKeyFrame = isNewSequence || !isContinuation && _hasSequenceHeader && (!_hasFrame || _isFirstFrameKey);
            return new PayloadInfo
            {
                IsKeyFrame = isKeyFrame,
                IsFrameStart = _isFrameStart || isKeyFrame,
                IsFrameEnd = marker,
                IsSwitchingPoint = isKeyFrame,
                TemporalLayer = _temporalLayer,
                SpatialLayer = _spatialLayer,
            };
        }
    }
}
