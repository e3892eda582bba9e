using Sfu.Media.Rtp;
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

    /// <summary>A player's sections are paired in their order: the first sound and the first picture are played in sync, and so on.</summary>
    /// <param name="player">The player: whoever is played may come again under another id, while the answer stays.</param>
    /// <param name="index">Which section of its kind, from 0.</param>
    internal static string StreamOf(ParticipantId player, int index) => index == 0 ? player.Value : $"{player.Value}.{index}";

    /// <summary>What a player's section carries over time, as one track.</summary>
    internal static string TrackOf(MediaKind kind, int index) => $"{(kind == MediaKind.Audio ? "audio" : "video")}{index}";
}
