using Sfu.Media.Codecs;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>How well one format carries what another one describes.</summary>
internal enum CodecMatch
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>The receiver decodes the profile, but its level is lower than what the sender may reach.</summary>
    LowerLevel,

    /// <summary>The receiver takes more than what is sent: a larger profile or packetization mode, which contains this one.</summary>
    Larger,

    /// <summary>The same profile, level sufficient.</summary>
    Exact,
}

/// <summary>Compares formats by the rules of each payload format.</summary>
internal static class CodecMatcher
{
    /// <summary>True when a format is of exactly the profile that a capability means; levels do not matter here.</summary>
    public static bool IsSameProfile(CodecFormat format, CodecCapability capability)
    {
        if (format.Codec != capability.Codec) return false;
        return format.Codec switch
        {
            MediaCodec.Vp9 => Vp9Profile(format.Parameters) == Vp9Profile(capability.Parameters),
            MediaCodec.Av1 => Av1Profile(format.Parameters) == Av1Profile(capability.Parameters),
            MediaCodec.H264 => PacketizationMode(format.Parameters) == PacketizationMode(capability.Parameters)
                && H264Profile.Read(format.Parameters).Kind == H264Profile.Read(capability.Parameters).Kind,
            MediaCodec.H265 => IsSameH265(format.Parameters, capability.Parameters),
            _ => true,
        };
    }

    /// <summary>How well a viewer's format receives what a producer sends, unchanged.</summary>
    public static CodecMatch Match(CodecFormat producer, CodecFormat viewer)
    {
        if (producer.Codec != viewer.Codec || producer.ClockRate != viewer.ClockRate) return CodecMatch.None;
        return producer.Codec switch
        {
            MediaCodec.Vp9 => Exact(Vp9Profile(producer.Parameters) == Vp9Profile(viewer.Parameters)),
            // The AV1 payload specification section 7.2.3: the profile must be the same, level and tier only bound the sender.
            MediaCodec.Av1 => Exact(Av1Profile(producer.Parameters) == Av1Profile(viewer.Parameters)),
            MediaCodec.H264 => MatchH264(producer.Parameters, viewer.Parameters),
            MediaCodec.H265 => Exact(IsSameH265(producer.Parameters, viewer.Parameters)),
            _ => CodecMatch.Exact,
        };
    }

    private static CodecMatch Exact(bool isSame) => isSame ? CodecMatch.Exact : CodecMatch.None;

    private static int Vp9Profile(string parameters) => FmtpText.Number(parameters, "profile-id", 0);

    private static int Av1Profile(string parameters) => FmtpText.Number(parameters, "profile", 0);

    private static int PacketizationMode(string parameters) => FmtpText.Number(parameters, "packetization-mode", 0);

    // RFC 6184 section 6.3: receivers of mode 1 take the single NAL unit packets of mode 0 too. Section 8.2.2: the level may differ only
    // where both allow asymmetry, and our answer repeats the viewer's own parameters.
    private static CodecMatch MatchH264(string producer, string viewer)
    {
        int sentMode = PacketizationMode(producer), takenMode = PacketizationMode(viewer);
        if (sentMode != takenMode && (sentMode, takenMode) != (0, 1)) return CodecMatch.None;
        H264Profile sent = H264Profile.Read(producer), decoded = H264Profile.Read(viewer);
        if (!decoded.Covers(sent.Kind)) return CodecMatch.None;
        if (decoded.Level >= sent.Level) return decoded.Kind == sent.Kind && sentMode == takenMode ? CodecMatch.Exact : CodecMatch.Larger;
        return FmtpText.Number(viewer, "level-asymmetry-allowed", 0) == 1 ? CodecMatch.LowerLevel : CodecMatch.None;
    }

    // RFC 7798 section 7.2.2: profile space, profile and tier are symmetric, and so is the transmission mode.
    private static bool IsSameH265(string one, string other) =>
        FmtpText.Number(one, "profile-space", 0) == FmtpText.Number(other, "profile-space", 0)
        && FmtpText.Number(one, "profile-id", 1) == FmtpText.Number(other, "profile-id", 1)
        && FmtpText.Number(one, "tier-flag", 0) == FmtpText.Number(other, "tier-flag", 0)
        && TransmissionMode(one).Equals(TransmissionMode(other), StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> TransmissionMode(string parameters) =>
        FmtpText.TryGet(parameters, "tx-mode", out ReadOnlySpan<char> mode) ? mode : "SRST";
}
