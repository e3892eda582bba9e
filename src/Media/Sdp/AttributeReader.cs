using Sfu.Media.Dtls;

namespace Sfu.Media.Sdp;

/// <summary>Reads the value of one attribute into the level it stands at. An attribute nobody needs is accepted unread.</summary>
internal ref struct AttributeReader(int line)
{
    private readonly int _line = line;

    /// <summary>Set when a read returned false.</summary>
    public SdpError? Error { get; private set; }

    /// <summary>Attributes that both levels know.</summary>
    public bool TryReadLevel(LevelBuilder level, ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        switch (name)
        {
            case "sendrecv":
            case "sendonly":
            case "recvonly":
            case "inactive":
                level.Direction = DirectionNames.Parse(name);
                return true;
            case "setup":
                return ReadSetup(level, value);
            case "ice-ufrag":
                return ReadIceText("ice-ufrag", value, 4, ref level.IceUfrag);
            case "ice-pwd":
                return ReadIceText("ice-pwd", value, 22, ref level.IcePassword);
            case "ice-options":
                level.IceOptions = SdpText.Intern(value);
                return true;
            case "fingerprint":
                return ReadFingerprint(level, value);
            case "extmap":
                return ReadExtMap(level, value);
            case "extmap-allow-mixed":
                level.ExtmapAllowMixed = true;
                return true;
            case "end-of-candidates":
                level.EndOfCandidates = true;
                return true;
            default:
                return true;
        }
    }

    /// <summary>Attributes of an m-section.</summary>
    public bool TryReadSection(SectionBuilder section, ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        switch (name)
        {
            case "mid":
                return ReadMid(section, value);
            case "candidate":
                (section.Candidates ??= []).Add(value.ToString());
                return true;
            case "rtpmap":
                return ReadRtpMap(section, value);
            case "fmtp":
                return ReadFormatParameters(section, value);
            case "rtcp-fb":
                return ReadRtcpFeedback(section, value);
            case "rtcp-mux":
                section.RtcpMux = true;
                return true;
            case "rtcp-mux-only":
                section.RtcpMuxOnly = true;
                return true;
            case "rtcp-rsize":
                section.RtcpRsize = true;
                return true;
            case "bundle-only":
                section.BundleOnly = true;
                return true;
            case "msid":
                return ReadMsid(section, value);
            case "ssrc":
                return ReadSsrc(section, value);
            case "ssrc-group":
                return ReadSsrcGroup(section, value);
            case "rid":
                return ReadRid(section, value);
            case "simulcast":
                return ReadSimulcast(section, value);
            case "sctp-port":
                return ReadSctpPort(section, value);
            case "max-message-size":
                return ReadMaxMessageSize(section, value);
            default:
                return true;
        }
    }

    private bool ReadSetup(LevelBuilder level, ReadOnlySpan<char> value)
    {
        level.Setup = value switch
        {
            "actpass" => SdpSetup.Actpass,
            "active" => SdpSetup.Active,
            "passive" => SdpSetup.Passive,
            "holdconn" => SdpSetup.Holdconn,
            _ => null,
        };
        return level.Setup is not null || Fail(SdpErrorCode.Malformed, "setup", "Use actpass, active, passive or holdconn.");
    }

    private bool ReadIceText(string field, ReadOnlySpan<char> value, int min, ref string? target)
    {
        if (!SdpText.IsIceText(value, min)) return Fail(SdpErrorCode.Malformed, field, $"Use {min} to 256 ICE characters.");
        target = value.ToString();
        return true;
    }

    private bool ReadFingerprint(LevelBuilder level, ReadOnlySpan<char> value)
    {
        var fields = new SdpFieldReader(value);
        if (!fields.TryNext(out ReadOnlySpan<char> algorithm) || !fields.TryNext(out ReadOnlySpan<char> hex))
            return Fail(SdpErrorCode.Malformed, "fingerprint", "Hash name or value is missing.");
        if (!FingerprintText.TryParse(algorithm, hex, out DtlsFingerprint? fingerprint))
            return Fail(SdpErrorCode.Malformed, "fingerprint", "The value is not as many hexadecimal bytes as the hash has.");
        if (fingerprint is null) return true;
        if (level.Fingerprints?.Count == SdpLimits.MaxFingerprints)
            return Fail(SdpErrorCode.TooManyValues, "fingerprint", $"More than {SdpLimits.MaxFingerprints} fingerprints.");
        (level.Fingerprints ??= []).Add(fingerprint);
        return true;
    }

    private bool ReadExtMap(LevelBuilder level, ReadOnlySpan<char> value)
    {
        var fields = new SdpFieldReader(value);
        if (!fields.TryNext(out ReadOnlySpan<char> id) || !fields.TryNext(out ReadOnlySpan<char> uri))
            return Fail(SdpErrorCode.Malformed, "extmap", "Id or URI is missing.");
        int slash = id.IndexOf('/');
        SdpDirection? direction = slash < 0 ? null : DirectionNames.Parse(id[(slash + 1)..]);
        if (slash >= 0 && direction is null) return Fail(SdpErrorCode.Malformed, "extmap", "The direction is not one of four words.");
        if (!SdpFieldReader.TryNumber(slash < 0 ? id : id[..slash], 4351, out ulong number) || number == 0)
            return Fail(SdpErrorCode.OutOfRange, "extmap", "The id must be 1 to 255, or 4096 to 4351.");
        // 4096 to 4351 offers more extensions than there are ids for (RFC 8285 section 7); we never need those.
        if (number > 255) return true;
        if (level.ExtMaps?.Count == SdpLimits.MaxExtMaps)
            return Fail(SdpErrorCode.TooManyValues, "extmap", $"More than {SdpLimits.MaxExtMaps} header extensions.");
        (level.ExtMaps ??= []).Add(new ExtMap((byte)number, direction, SdpText.Intern(uri)));
        return true;
    }

    private bool ReadMid(SectionBuilder section, ReadOnlySpan<char> value)
    {
        if (!SdpText.IsToken(value) || value.Length > SdpLimits.MaxMidLength)
            return Fail(SdpErrorCode.Malformed, "mid", $"Use a token of 1 to {SdpLimits.MaxMidLength} characters.");
        section.Mid = SdpText.Intern(value);
        return true;
    }

    private bool ReadRtpMap(SectionBuilder section, ReadOnlySpan<char> value)
    {
        var fields = new SdpFieldReader(value);
        if (!fields.TryNextNumber(127, out ulong payloadType)) return Fail(SdpErrorCode.OutOfRange, "rtpmap", "A payload type must be 0 to 127.");
        var parts = new SdpFieldReader(fields.Rest, '/');
        if (!parts.TryNext(out ReadOnlySpan<char> encoding) || !SdpText.IsToken(encoding))
            return Fail(SdpErrorCode.Malformed, "rtpmap", "The encoding name is missing or not a token.");
        if (!parts.TryNextNumber(int.MaxValue, out ulong clockRate) || clockRate == 0)
            return Fail(SdpErrorCode.OutOfRange, "rtpmap", "The clock rate must be 1 to 2147483647.");
        ulong channels = 1;
        if (!parts.Rest.IsEmpty && (!SdpFieldReader.TryNumber(parts.Rest, 255, out channels) || channels == 0))
            return Fail(SdpErrorCode.OutOfRange, "rtpmap", "The channels must be 1 to 255.");
        (section.RtpMaps ??= []).Add(new RtpMap((byte)payloadType, SdpText.Intern(encoding), (int)clockRate, (int)channels));
        return true;
    }

    private bool ReadFormatParameters(SectionBuilder section, ReadOnlySpan<char> value)
    {
        var fields = new SdpFieldReader(value);
        if (!fields.TryNext(out ReadOnlySpan<char> format)) return Fail(SdpErrorCode.Malformed, "fmtp", "The format is missing.");
        if (!SdpFieldReader.TryNumber(format, 127, out ulong payloadType))
            return section.PayloadTypes.Count == 0 || Fail(SdpErrorCode.OutOfRange, "fmtp", "A payload type must be 0 to 127.");
        (section.FormatParameters ??= []).Add(new FormatParameters((byte)payloadType, SdpText.Intern(fields.Rest)));
        return true;
    }

    private bool ReadRtcpFeedback(SectionBuilder section, ReadOnlySpan<char> value)
    {
        var fields = new SdpFieldReader(value);
        if (!fields.TryNext(out ReadOnlySpan<char> format)) return Fail(SdpErrorCode.Malformed, "rtcp-fb", "The payload type is missing.");
        byte? payloadType = null;
        if (format is not "*")
        {
            if (!SdpFieldReader.TryNumber(format, 127, out ulong number))
                return Fail(SdpErrorCode.OutOfRange, "rtcp-fb", "A payload type must be 0 to 127, or *.");
            payloadType = (byte)number;
        }

        if (fields.Rest.IsEmpty) return Fail(SdpErrorCode.Malformed, "rtcp-fb", "The feedback type is missing.");
        (section.RtcpFeedback ??= []).Add(new RtcpFeedback(payloadType, SdpText.Intern(fields.Rest.TrimEnd(' '))));
        return true;
    }

    private bool ReadMsid(SectionBuilder section, ReadOnlySpan<char> value)
    {
        var fields = new SdpFieldReader(value);
        if (!fields.TryNext(out ReadOnlySpan<char> stream)) return Fail(SdpErrorCode.Malformed, "msid", "The stream id is missing.");
        fields.TryNext(out ReadOnlySpan<char> track);
        if (section.Msids?.Count == SdpLimits.MaxSsrcs) return Fail(SdpErrorCode.TooManyValues, "msid", $"More than {SdpLimits.MaxSsrcs} streams.");
        (section.Msids ??= []).Add(new Msid(SdpText.Intern(stream), track.ToString()));
        return true;
    }

    private bool ReadSsrc(SectionBuilder section, ReadOnlySpan<char> value)
    {
        var fields = new SdpFieldReader(value);
        if (!fields.TryNextNumber(uint.MaxValue, out ulong ssrc)) return Fail(SdpErrorCode.OutOfRange, "ssrc", "An SSRC must be 0 to 4294967295.");
        ReadOnlySpan<char> attribute = fields.Rest;
        if (attribute.IsEmpty) return Fail(SdpErrorCode.Malformed, "ssrc", "The attribute is missing.");
        int colon = attribute.IndexOf(':');
        (section.Ssrcs ??= []).Add(colon < 0
            ? new SsrcLine((uint)ssrc, SdpText.Intern(attribute), "")
            : new SsrcLine((uint)ssrc, SdpText.Intern(attribute[..colon]), SdpText.Intern(attribute[(colon + 1)..])));
        return true;
    }

    private bool ReadSsrcGroup(SectionBuilder section, ReadOnlySpan<char> value)
    {
        var fields = new SdpFieldReader(value);
        if (!fields.TryNext(out ReadOnlySpan<char> semantics)) return Fail(SdpErrorCode.Malformed, "ssrc-group", "The semantics are missing.");
        var ssrcs = new List<uint>(2);
        while (fields.TryNext(out ReadOnlySpan<char> field))
        {
            if (!SdpFieldReader.TryNumber(field, uint.MaxValue, out ulong ssrc))
                return Fail(SdpErrorCode.OutOfRange, "ssrc-group", "An SSRC must be 0 to 4294967295.");
            if (ssrcs.Count == SdpLimits.MaxSsrcs) return Fail(SdpErrorCode.TooManyValues, "ssrc-group", $"More than {SdpLimits.MaxSsrcs} sources.");
            ssrcs.Add((uint)ssrc);
        }

        (section.SsrcGroups ??= []).Add(new SsrcGroup(SdpText.Intern(semantics), ssrcs));
        return true;
    }

    private bool ReadRid(SectionBuilder section, ReadOnlySpan<char> value)
    {
        var fields = new SdpFieldReader(value);
        if (!fields.TryNext(out ReadOnlySpan<char> id) || !SdpText.IsRid(id))
            return Fail(SdpErrorCode.Malformed, "rid", $"Use 1 to {SdpLimits.MaxRidLength} letters, digits, dashes and underscores.");
        if (!fields.TryNext(out ReadOnlySpan<char> direction) || direction is not ("send" or "recv"))
            return Fail(SdpErrorCode.Malformed, "rid", "The direction must be send or recv.");
        if (section.Rids?.Count == SdpLimits.MaxRids) return Fail(SdpErrorCode.TooManyValues, "rid", $"More than {SdpLimits.MaxRids} RIDs.");
        (section.Rids ??= []).Add(new RidDescription(SdpText.Intern(id), direction is "send", SdpText.Intern(fields.Rest)));
        return true;
    }

    private bool ReadSimulcast(SectionBuilder section, ReadOnlySpan<char> value)
    {
        if (!SimulcastText.TryParse(value, out SimulcastDescription? simulcast))
            return Fail(SdpErrorCode.Malformed, "simulcast", $"Use send or recv and up to {SdpLimits.MaxRids} RIDs for each.");
        section.Simulcast = simulcast;
        return true;
    }

    private bool ReadSctpPort(SectionBuilder section, ReadOnlySpan<char> value)
    {
        if (!SdpFieldReader.TryNumber(value, ushort.MaxValue, out ulong port)) return Fail(SdpErrorCode.OutOfRange, "sctp-port", "The port must be 0 to 65535.");
        section.SctpPort = (int)port;
        return true;
    }

    private bool ReadMaxMessageSize(SectionBuilder section, ReadOnlySpan<char> value)
    {
        if (!SdpFieldReader.TryNumber(value, ulong.MaxValue, out ulong size))
            return Fail(SdpErrorCode.OutOfRange, "max-message-size", "The size must be a 64-bit decimal number.");
        section.MaxMessageSize = size;
        return true;
    }

    private bool Fail(SdpErrorCode code, string field, string message)
    {
        Error = new SdpError(code, _line, field, message);
        return false;
    }
}
