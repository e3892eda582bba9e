using System.Globalization;
using Sfu.Media.Rtp;
using Sfu.Media.Sdp.Negotiation;
using Sfu.Recorder.Derivation.Sources;

namespace Sfu.Nodes.Recording;

/// <summary>Makes the event <c>track_described</c> (docs/evidence.md section 2) of a published track.</summary>
internal static class TrackDescription
{
    private static readonly HeaderExtensionKind[] Kinds = Enum.GetValues<HeaderExtensionKind>();

    /// <summary>The event as the track is now.</summary>
    /// <param name="number">The track's number in the recording.</param>
    /// <param name="track">What was negotiated for it.</param>
    /// <param name="owner">Whose it is; null when that is not known yet.</param>
    internal static TrackEvent Of(uint number, PublishedTrack track, RecordedParticipant? owner) => new(
        TrackEvent.EventName, (int)number, owner is null ? null : owner.Name.Length > 0 ? owner.Name : owner.Identity,
        [.. track.Selection.Codecs.Select(format => new TrackEvent.FormatEntry(format.PayloadType, CodecNames.NameOf(format.Codec), format.ClockRate))],
        Kinds.Where(kind => kind != HeaderExtensionKind.Unknown && track.Selection.Extensions.IdOf(kind) != 0)
            .ToDictionary(kind => track.Selection.Extensions.IdOf(kind).ToString(CultureInfo.InvariantCulture), kind => kind.ToString()));
}
