namespace Sfu.Media.Sdp.Negotiation;

/// <summary>Why a section cannot carry what it was chosen for.</summary>
public enum NegotiationFailure
{
    /// <summary>It can.</summary>
    None = 0,

    /// <summary>The section is closed, not bundled or not secured.</summary>
    NotLive,

    /// <summary>The section is about something else, such as video instead of audio.</summary>
    WrongKind,

    /// <summary>The client does not send, or does not receive, on it.</summary>
    WrongDirection,

    /// <summary>No codec that both sides can use; clients see <c>no_common_codec</c>.</summary>
    NoCommonCodec,
}
