namespace Sfu.Media.Rtp;

/// <summary>Walks the header extension elements of one packet, in one-byte or two-byte form (RFC 8285 sections 4.2, 4.3).</summary>
/// <remarks>Hostile lengths end the walk; nothing is copied. One stream may mix both forms, packet by packet.</remarks>
public ref struct HeaderExtensionReader
{
    private const ushort OneByteProfile = 0xBEDE;
    private const ushort TwoByteProfile = 0x1000;

    private readonly bool _twoByte;
    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts at the first element; a packet without an extension of RFC 8285 has none.</summary>
    public HeaderExtensionReader(ReadOnlySpan<byte> packet, in RtpHeader header)
    {
        _twoByte = (header.ExtensionProfile & 0xFFF0) == TwoByteProfile;
        bool known = _twoByte || header.ExtensionProfile == OneByteProfile;
        _rest = known && header.HasExtension ? packet.Slice(header.ExtensionAt, header.ExtensionLength) : default;
    }

    /// <summary>Goes to the next element.</summary>
    /// <param name="id">1 to 14 in one-byte form, 1 to 255 in two-byte form.</param>
    /// <param name="value">Its bytes, in the packet.</param>
    public bool MoveNext(out byte id, out ReadOnlySpan<byte> value)
    {
        id = 0;
        value = default;
        while (_rest.Length > 0 && _rest[0] == 0) _rest = _rest[1..];       // padding between elements
        if (_rest.Length == 0) return false;
        int headSize = _twoByte ? 2 : 1;
        if (_rest.Length < headSize) return End();
        id = _twoByte ? _rest[0] : (byte)(_rest[0] >> 4);
        // 15 is reserved and 0 has no length: what follows either must be ignored (RFC 8285 section 4.2).
        if (!_twoByte && id is 0 or 15) return End();
        int length = _twoByte ? _rest[1] : (_rest[0] & 0x0F) + 1;
        if (headSize + length > _rest.Length) return End();
        value = _rest.Slice(headSize, length);
        _rest = _rest[(headSize + length)..];
        return true;
    }

    private bool End()
    {
        _rest = default;
        return false;
    }
}
