using Sfu.Media.Rtp;
using Sfu.Media.Sdp.Negotiation;
using Sfu.Rooms;

namespace Sfu.Nodes.Sessions;

/// <summary>Decides what the sections of an offer publish: what goes on, what is new and has to be asked of the room, what ends.</summary>
/// <remarks>Runs in the room's gate; changes nothing.</remarks>
internal sealed class PublishPlanner(
    MediaSession session, OfferView offer, SessionTransport? current, IReadOnlyDictionary<string, TrackLabel> labels, ServerCapabilities capabilities)
{
    private readonly List<SectionPlan> _plans = new(offer.Sections.Count);
    private readonly List<TrackId> _ends = [];

    /// <summary>One plan per section, in order.</summary>
    internal IReadOnlyList<SectionPlan> Plans => _plans;

    /// <summary>Tracks of the session that this offer ends.</summary>
    internal IReadOnlyList<TrackId> Ends => _ends;

    /// <summary>Makes the plans.</summary>
    /// <returns>Null, or why the offer as a whole is refused.</returns>
    internal MediaError? Plan()
    {
        if (CheckLabels() is { } wrong) return wrong;
        for (int i = 0; i < offer.Sections.Count; i++)
        {
            var plan = new SectionPlan(offer.Sections[i], Existing(i));
            _plans.Add(plan);
            if (Plan(plan) is { } error) return error;
        }

        if (current is null) _ends.AddRange(session.Own);
        return session.Mode.IsAllOrNothing ? CheckWhole() : null;
    }

    /// <summary>Takes the room's word on the drafts, which are in the order of the sections.</summary>
    /// <returns>Null, or why the offer as a whole is refused.</returns>
    internal MediaError? Take(PublishOutcome outcome)
    {
        int next = 0;
        MediaError? failure = null;
        foreach (SectionPlan plan in _plans)
        {
            if (plan.Draft is null || next >= outcome.Tracks.Count) continue;
            PublishResult result = outcome.Tracks[next++];
            plan.Granted = result.Track;
            if (result.Track is null) failure ??= Refuse(plan, result.Error);
        }

        return failure;
    }

    private MediaError? CheckLabels()
    {
        foreach ((string mid, TrackLabel label) in labels)
        {
            if (offer.FindSection(mid) is not { IsMedia: true } section)
                return new MediaError("bad_message", "tracks", $"The offer has no section {mid}.");
            if (label.Kind is { } kind && kind != KindOf(section))
                return new MediaError("bad_message", "tracks", $"Section {mid} is of another kind than its entry says.");
            if (label.Source is { } source && KindOf(source) is { } fitting && fitting != KindOf(section))
                return new MediaError("bad_message", "tracks", $"Section {mid} cannot carry that source.");
        }

        return null;
    }

    private SessionSection? Existing(int index)
    {
        if (current is null || index >= current.Sections.Count) return null;
        SessionSection section = current.Sections[index];
        return section.IsRejected && offer.Sections[index].IsLive ? null : section;      // a closed place was given to something new
    }

    private MediaError? Plan(SectionPlan plan)
    {
        plan.IsSending = plan.Offer.CanSend && !session.IsPlayer;
        PublishedTrack? published = plan.Existing?.Published;
        if (!plan.IsSending)
        {
            if (published is not null) _ends.Add(published.Info.Id);
            return null;
        }

        bool isKept = published is null && plan.Existing is { IsSending: true } && !labels.ContainsKey(plan.Offer.Mid!);
        if (isKept)
        {
            plan.PublishRefusal = plan.Existing!.PublishRefusal;
            return null;
        }

        if (!CodecNegotiator.TryPublish(plan.Offer, capabilities, out PublishSelection? selection, out _))
        {
            if (published is not null) _ends.Add(published.Info.Id);
            plan.PublishRefusal = "no_common_codec";
            return null;
        }

        plan.Selection = selection;
        plan.Published = published;
        if (published is null) plan.Draft = Draft(plan.Offer, selection);
        return null;
    }

    private TrackDraft Draft(OfferSection section, PublishSelection selection)
    {
        TrackLabel? label = labels.GetValueOrDefault(section.Mid!);
        TrackSource source = label?.Source ?? (selection.Kind == MediaKind.Audio ? TrackSource.Microphone : TrackSource.Camera);
        byte expected = selection.Codecs[0].PayloadType;
        string codec = section.Description.RtpMaps.FirstOrDefault(map => map.PayloadType == expected).Encoding ?? selection.Codecs[0].Codec.ToString();
        return new TrackDraft(selection.Kind, source, label?.Name ?? "", codec, selection.Encodings.Count > 1);
    }

    /// <summary>RFC 9725 section 4.4.2: what cannot be served as a whole is refused as a whole.</summary>
    private MediaError? CheckWhole()
    {
        foreach (SectionPlan plan in _plans)
        {
            bool isUsable = plan.Offer.IsMedia && (session.IsPlayer ? plan.Offer.CanReceive : plan.IsSending);
            if (!isUsable)
                return new MediaError("bad_sdp", "m", session.IsPlayer ? "Every section must be audio or video and receive." : "Every section must be audio or video and send.");
            if (plan.PublishRefusal is { } code) return new MediaError(code, "m", $"Section {plan.Offer.Mid} offers no codec that the server forwards.");
        }

        bool isOverfull = !session.IsPlayer
            && (_plans.Count(plan => plan.Offer.Kind == SectionKind.Audio) > 1 || _plans.Count(plan => plan.Offer.Kind == SectionKind.Video) > 1);
        return isOverfull ? new MediaError("bad_sdp", "m", "At most one audio and one video section can be published.") : null;
    }

    private MediaError? Refuse(SectionPlan plan, RoomError? error)
    {
        string? code = error?.Code switch
        {
            RoomErrorCode.Forbidden => "forbidden",
            RoomErrorCode.Limit => "limit",
            _ => null,
        };
        string message = error?.Message ?? "The room gave no reason.";
        if (code is not null && !session.Mode.IsAllOrNothing)
        {
            plan.PublishRefusal = code;
            return null;
        }

        return new MediaError(code ?? CodeOf(error?.Code), null, message);
    }

    private static string CodeOf(RoomErrorCode? code) => code switch
    {
        RoomErrorCode.BadRequest => "bad_message",
        RoomErrorCode.BadState or RoomErrorCode.NotFound => "bad_state",
        _ => "internal",
    };

    private static MediaKind KindOf(OfferSection section) => section.Kind == SectionKind.Audio ? MediaKind.Audio : MediaKind.Video;

    private static MediaKind? KindOf(TrackSource source) => source switch
    {
        TrackSource.Microphone or TrackSource.ScreenShareAudio => MediaKind.Audio,
        TrackSource.Camera or TrackSource.ScreenShare => MediaKind.Video,
        _ => null,
    };
}
