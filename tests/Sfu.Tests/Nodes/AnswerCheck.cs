using Sfu.Media.Sdp;
using Sfu.Nodes;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

/// <summary>What every answer must fulfil towards its offer (RFC 3264 section 6, RFC 9429 section 5.3) and towards docs/signalling.md.</summary>
internal static class AnswerCheck
{
    public static SessionDescription Parse(string text) =>
        SessionDescription.TryParse(text, out SessionDescription? description, out SdpError? error)
            ? description : throw new InvalidOperationException(error.ToString());

    public static void Verify(
        SessionDescription offer, SessionDescription answer, IReadOnlyDictionary<string, AnsweredSection> sections, ParticipantId self,
        bool isPlayer)
    {
        Assert.True(answer.IceLite);
        Assert.Equal(offer.MediaSections.Count, answer.MediaSections.Count);
        var ssrcs = new HashSet<uint>(offer.MediaSections.SelectMany(s => s.Ssrcs).Select(s => s.Ssrc));
        for (int i = 0; i < offer.MediaSections.Count; i++) Verify(offer.MediaSections[i], answer.MediaSections[i], sections, self, ssrcs, isPlayer);
        Assert.Equal(answer.MediaSections.Where(s => s.Port != 0).Select(s => s.Mid), answer.BundleMids);
        TrackId[] tracks = [.. sections.Values.Select(s => s.Track).OfType<TrackId>()];
        Assert.Equal(tracks.Length, tracks.Distinct().Count());
    }

    private static void Verify(
        MediaSection offered, MediaSection answered, IReadOnlyDictionary<string, AnsweredSection> sections, ParticipantId self, HashSet<uint> ssrcs,
        bool isPlayer)
    {
        Assert.Equal(offered.Media, answered.Media);
        Assert.Equal(offered.Mid, answered.Mid);
        AnsweredSection? content = offered.Mid is { } mid ? sections.GetValueOrDefault(mid) : null;
        if (answered.Port == 0) return;
        Assert.True(offered.Port != 0 || offered.BundleOnly);
        Assert.All(answered.PayloadTypes, payloadType => Assert.Contains(payloadType, offered.PayloadTypes));
        Assert.NotEmpty(answered.PayloadTypes);
        Assert.Equal(SdpSetup.Passive, answered.Setup);
        Assert.True(answered.RtcpMux);
        foreach (ExtMap map in answered.ExtMaps) Assert.Contains(offered.ExtMaps, other => other.Id == map.Id && other.Uri == map.Uri);
        // A player's sections are kept for what may come, whether or not something is there.
        if (isPlayer) Assert.Equal(SdpDirection.SendOnly, answered.Direction);
        else VerifyDirection(offered.Direction ?? SdpDirection.SendRecv, answered.Direction ?? SdpDirection.SendRecv, content, self);
        foreach (uint ssrc in answered.Ssrcs.Select(s => s.Ssrc).Distinct()) Assert.True(ssrcs.Add(ssrc), $"SSRC {ssrc} is used twice.");
        Assert.Equal(answered.Direction == SdpDirection.SendOnly, answered.Ssrcs.Count > 0);
    }

    private static void VerifyDirection(SdpDirection offered, SdpDirection answered, AnsweredSection? content, ParticipantId self)
    {
        SdpDirection allowed = (SdpDirection)((((int)offered & 1) << 1) | (((int)offered & 2) >> 1));
        Assert.Equal(SdpDirection.Inactive, answered & ~allowed);
        Assert.NotEqual(SdpDirection.SendRecv, answered);
        SdpDirection expected = content is not { Track: not null, Refused: null } ? SdpDirection.Inactive
            : content.Participant == self ? SdpDirection.RecvOnly
            : SdpDirection.SendOnly;
        Assert.Equal(expected, answered);
    }
}
