using Sfu.Media.Sdp;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;

namespace Sfu.Signalling.Http;

/// <summary>What an offer must be like for WHIP (RFC 9725 section 4.4) and WHEP, beyond being well-formed.</summary>
internal static class OfferRules
{
    /// <summary>Finds what cannot be served; null when all can be tried.</summary>
    public static HttpRefusal? Check(SessionDescription offer, ClientProtocol protocol)
    {
        if (offer.MediaSections.Count == 0) return Refuse("The offer has no media section.");
        int audio = 0, video = 0;
        var streams = new HashSet<string>(StringComparer.Ordinal);
        foreach (MediaSection section in offer.MediaSections)
        {
            if (section is { Media: "audio", IsRtp: true }) audio++;
            else if (section is { Media: "video", IsRtp: true }) video++;
            else return Refuse("Only audio and video sections over RTP can be served.");
            if (section is { Port: 0, BundleOnly: false }) return Refuse("A section with port 0 is rejected, and none may be.");
            SdpDirection direction = section.Direction ?? offer.Direction ?? SdpDirection.SendRecv;
            SdpDirection needed = protocol == ClientProtocol.Whip ? SdpDirection.SendOnly : SdpDirection.RecvOnly;
            if (!direction.HasFlag(needed))
            {
                return Refuse(protocol == ClientProtocol.Whip
                    ? "Every section must be sendonly or sendrecv."
                    : "Every section must be recvonly or sendrecv.");
            }

            // '-' stands for no MediaStream (RFC 8830 section 2).
            foreach (Msid msid in section.Msids)
            {
                if (msid.StreamId != "-") streams.Add(msid.StreamId);
            }
        }

        if (protocol == ClientProtocol.Whip && (audio > 1 || video > 1)) return Refuse("At most one audio and one video section can be published.");
        return protocol == ClientProtocol.Whip && streams.Count > 1 ? Refuse("All sections must be of one MediaStream.") : null;
    }

    private static HttpRefusal Refuse(string detail) => new(422, ErrorCodes.BadSdp, detail);
}
