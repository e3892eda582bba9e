using Sfu.Rooms;

namespace Sfu.Nodes.Sessions;

/// <summary>How tracks are grouped into MediaStreams for viewers (RFC 8830): a receiver plays one stream's tracks in sync.</summary>
internal static class MsidNames
{
    /// <summary>Microphone and camera belong together, the screen and its sound do, anything else stands alone.</summary>
    internal static string StreamOf(Track track) => track.Source switch
    {
        TrackSource.Microphone or TrackSource.Camera => track.Participant.Value,
        TrackSource.ScreenShare or TrackSource.ScreenShareAudio => track.Participant.Value + ".screen",
        _ => $"{track.Participant.Value}.{track.Id.Value}",
    };
}
