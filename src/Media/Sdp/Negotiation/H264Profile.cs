using System.Globalization;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>What <c>profile-level-id</c> stands for (RFC 6184 section 8.1, table 5).</summary>
/// <param name="Kind">The profile.</param>
/// <param name="Level">Twenty times the level, such as 62 for 3.1; 21 is level 1b, which lies between 1 and 1.1 (H.264 table A-1).</param>
internal readonly record struct H264Profile(H264ProfileKind Kind, int Level)
{
    // libwebrtc reads an absent value as constrained baseline 3.1 (api/video_codecs/h264_profile_level_id.cc), not as RFC 6184's
    // baseline 1: real senders without the parameter mean that.
    private static readonly H264Profile Default = new(H264ProfileKind.ConstrainedBaseline, 62);

    /// <summary>Reads the parameter from an fmtp text; an unreadable one is a profile nobody has.</summary>
    public static H264Profile Read(string parameters)
    {
        if (!FmtpText.TryGet(parameters, "profile-level-id", out ReadOnlySpan<char> text)) return Default;
        if (text.Length != 6 || !uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint bits))
            return new H264Profile(H264ProfileKind.Unknown, 0);
        byte profile = (byte)(bits >> 16), constraints = (byte)(bits >> 8), level = (byte)bits;
        // H.264 section 7.4.2.1.1: constraint_set3 makes 11 mean 1b in the smaller profiles; the others write 9.
        bool isLevel1b = level == 9 || (level == 11 && (constraints & 0x10) != 0 && profile is 0x42 or 0x4D or 0x58);
        return new H264Profile(KindOf(profile, constraints), isLevel1b ? 21 : 2 * level);
    }

    /// <summary>True when a decoder of this profile decodes streams of <paramref name="stream"/>: the same tools or a subset.</summary>
    public bool Covers(H264ProfileKind stream) => Kind != H264ProfileKind.Unknown && (Kind == stream || stream switch
    {
        H264ProfileKind.ConstrainedBaseline => true,
        H264ProfileKind.Main => Kind == H264ProfileKind.High,
        H264ProfileKind.ConstrainedHigh => Kind == H264ProfileKind.High,
        _ => false,
    });

    private static H264ProfileKind KindOf(byte profile, byte constraints) => profile switch
    {
        0x42 when (constraints & 0x4F) == 0x40 => H264ProfileKind.ConstrainedBaseline,
        0x42 when (constraints & 0x4F) == 0x00 => H264ProfileKind.Baseline,
        0x4D when (constraints & 0x8F) == 0x80 => H264ProfileKind.ConstrainedBaseline,
        0x4D when (constraints & 0xAF) == 0x00 => H264ProfileKind.Main,
        0x58 when (constraints & 0xCF) == 0xC0 => H264ProfileKind.ConstrainedBaseline,
        0x58 when (constraints & 0xCF) == 0x80 => H264ProfileKind.Baseline,
        0x64 when constraints == 0x0C => H264ProfileKind.ConstrainedHigh,
        0x64 when constraints == 0x00 => H264ProfileKind.High,
        _ => H264ProfileKind.Unknown,
    };
}

/// <summary>The H.264 profiles that WebRTC clients offer.</summary>
internal enum H264ProfileKind
{
    Unknown = 0,
    ConstrainedBaseline,
    Baseline,
    Main,
    ConstrainedHigh,
    High,
}
