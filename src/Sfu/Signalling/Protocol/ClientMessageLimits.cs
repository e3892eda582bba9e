using Sfu.Rooms;

namespace Sfu.Signalling.Protocol;

/// <summary>Lengths and ranges of docs/signalling.md section 3, in characters unless the name says otherwise.</summary>
internal static class ClientMessageLimits
{
    /// <summary>Deepest nesting of objects and arrays.</summary>
    public const int Depth = 16;

    /// <summary>Most members of one object, the tracks of an offer apart: more than any message has.</summary>
    public const int Members = 16;

    /// <summary>Longest client name.</summary>
    public const int ClientName = 64;

    /// <summary>Longest client version.</summary>
    public const int ClientVersion = 32;

    /// <summary>Longest token: header, claims with 2 KiB of metadata, signature.</summary>
    public const int Token = 16 * 1024;

    /// <summary>Longest id of a participant, track or session.</summary>
    public const int OpaqueId = 64;

    /// <summary>Longest resume secret; ours are 43 characters and the room's name.</summary>
    public const int Secret = 512;

    /// <summary>Longest offer; the same as <see cref="Media.Sdp.SdpLimits.MaxCharacters"/>.</summary>
    public const int Sdp = Media.Sdp.SdpLimits.MaxCharacters;

    /// <summary>Most sections an offer may label.</summary>
    public const int LabelledSections = Media.Sdp.SdpLimits.MaxSections;

    /// <summary>Longest mid.</summary>
    public const int Mid = Media.Sdp.SdpLimits.MaxMidLength;

    /// <summary>Longest ICE user name fragment (RFC 8445 section 5.3).</summary>
    public const int Ufrag = 256;

    /// <summary>Longest candidate.</summary>
    public const int Candidate = 1024;

    /// <summary>Longest display name of a participant or track.</summary>
    public const int DisplayName = Names.MaxDisplayNameLength;

    /// <summary>Longest metadata.</summary>
    public const int Metadata = Names.MaxMetadataLength;

    /// <summary>Most tracks of one <c>subscribe</c>.</summary>
    public const int SubscribedTracks = 256;

    /// <summary>Largest width and height.</summary>
    public const int Pixels = 16384;

    /// <summary>Highest frame rate.</summary>
    public const int FramesPerSecond = 240;

    /// <summary>Most receivers of one <c>data</c>.</summary>
    public const int DataReceivers = 64;

    /// <summary>Longest topic.</summary>
    public const int Topic = 64;

    /// <summary>Longest reason of <c>leave</c>.</summary>
    public const int LeaveReason = 64;

    /// <summary>Longest reason of <c>kick</c>.</summary>
    public const int KickReason = 256;

    /// <summary>Longest text of a pause of the recording.</summary>
    public const int PauseText = 256;

    /// <summary>Longest pause that ends by itself, ms: 24 hours.</summary>
    public const int PauseMs = 24 * 60 * 60 * 1000;
}
