using System.Buffers;
using System.Collections.Frozen;

namespace Sfu.Media.Sdp;

/// <summary>Character classes, and one shared copy of the words that every description repeats.</summary>
internal static class SdpText
{
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`{|}~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // RFC 8839 section 5.4 allows letters, digits, '+' and '/'; deployed stacks use four more, and libwebrtc takes them too.
    private static readonly SearchValues<char> IceCharacters = SearchValues.Create(
        "+/-_#=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> RidCharacters = SearchValues.Create(
        "-_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly FrozenSet<string> KnownWords = FrozenSet.Create(StringComparer.Ordinal,
        "audio", "video", "application", "UDP/TLS/RTP/SAVPF", "UDP/DTLS/SCTP", "webrtc-datachannel", "BUNDLE", "FID", "SIM",
        "cname", "msid", "trickle", "renomination", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "q", "h", "f", "-",
        "opus", "OPUS", "red", "G722", "PCMU", "PCMA", "CN", "telephone-event", "VP8", "VP9", "H264", "H265", "AV1", "rtx", "ulpfec", "flexfec-03",
        "nack", "nack pli", "ccm fir", "goog-remb", "transport-cc", "minptime=10;useinbandfec=1", "profile-id=0", "profile-id=2",
        "urn:ietf:params:rtp-hdrext:sdes:mid", "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
        "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "urn:ietf:params:rtp-hdrext:csrc-audio-level", "urn:ietf:params:rtp-hdrext:toffset", "urn:3gpp:video-orientation",
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
        "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
        "http://www.webrtc.org/experiments/rtp-hdrext/video-timing", "http://www.webrtc.org/experiments/rtp-hdrext/color-space",
        "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00",
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Known =
        KnownWords.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The text as a string; a common one is not allocated again.</summary>
    public static string Intern(ReadOnlySpan<char> text) =>
        text.IsEmpty ? "" : Known.TryGetValue(text, out string? known) ? known : text.ToString();

    /// <summary>A <c>token</c> of RFC 8866 section 9.</summary>
    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenCharacters);

    /// <summary>A RID (RFC 8851 section 10): letters, digits, dash and underscore.</summary>
    public static bool IsRid(ReadOnlySpan<char> text) =>
        !text.IsEmpty && text.Length <= SdpLimits.MaxRidLength && !text.ContainsAnyExcept(RidCharacters);

    /// <summary>ICE user name fragment or password of <paramref name="min"/> to 256 characters.</summary>
    public static bool IsIceText(ReadOnlySpan<char> text, int min) =>
        text.Length >= min && text.Length <= 256 && !text.ContainsAnyExcept(IceCharacters);

    /// <summary>Something that can stand as one field of a line: not empty, no space, no control character.</summary>
    public static bool IsField(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyInRange('\0', ' ');
}
