namespace Sfu.Media.Sdp;

/// <summary>Reads an m-line (RFC 8866 section 5.14).</summary>
internal static class MediaLineReader
{
    /// <returns>Null when the line is right and <paramref name="section"/> is set.</returns>
    public static SdpError? Read(ReadOnlySpan<char> value, int line, out SectionBuilder? section)
    {
        section = null;
        var fields = new SdpFieldReader(value);
        if (!fields.TryNext(out ReadOnlySpan<char> media) || !SdpText.IsToken(media))
            return new(SdpErrorCode.Malformed, line, "m", "The media type is missing or not a token.");
        if (!fields.TryNext(out ReadOnlySpan<char> ports) || !TryReadPort(ports, out int port))
            return new(SdpErrorCode.OutOfRange, line, "m", "The port must be 0 to 65535.");
        if (!fields.TryNext(out ReadOnlySpan<char> protocol) || !SdpText.IsField(protocol))
            return new(SdpErrorCode.Malformed, line, "m", "The transport protocol is missing.");
        if (fields.Rest.IsEmpty) return new(SdpErrorCode.Missing, line, "m", "The section has no format.");
        var read = new SectionBuilder(line, SdpText.Intern(media), port, SdpText.Intern(protocol));
        if (!protocol.Contains("RTP/", StringComparison.Ordinal)) read.Formats = SdpText.Intern(fields.Rest);
        else if (!TryReadPayloadTypes(ref fields, read)) return new(SdpErrorCode.OutOfRange, line, "m", "A payload type must be 0 to 127.");
        section = read;
        return null;
    }

    // The grammar allows "port/count"; more than one port is never meant in WebRTC and the count is not used.
    private static bool TryReadPort(ReadOnlySpan<char> text, out int port)
    {
        int slash = text.IndexOf('/');
        bool isValid = SdpFieldReader.TryNumber(slash < 0 ? text : text[..slash], ushort.MaxValue, out ulong number)
            && (slash < 0 || SdpFieldReader.TryNumber(text[(slash + 1)..], ushort.MaxValue, out _));
        port = (int)number;
        return isValid;
    }

    private static bool TryReadPayloadTypes(ref SdpFieldReader fields, SectionBuilder section)
    {
        Span<byte> found = stackalloc byte[128];
        UInt128 seen = default;
        int count = 0;
        while (fields.TryNext(out ReadOnlySpan<char> field))
        {
            if (!SdpFieldReader.TryNumber(field, 127, out ulong payloadType)) return false;
            UInt128 bit = UInt128.One << (int)payloadType;
            if ((seen & bit) == 0) found[count++] = (byte)payloadType;
            seen |= bit;
        }

        section.PayloadTypes = found[..count].ToArray();
        return true;
    }
}
