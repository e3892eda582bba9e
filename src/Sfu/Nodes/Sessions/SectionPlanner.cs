using Sfu.Media.Rtp;
using Sfu.Media.Sdp.Negotiation;
using Sfu.Router.Workers;

namespace Sfu.Nodes.Sessions;

/// <summary>Completes the plans of an offer after the room was asked: makes producers of what was granted and gives the receiving
/// sections their tracks. A section keeps its track; tracks that wait get the first free section that can carry them.</summary>
/// <remarks>Runs in the room's gate; changes nothing but the plans.</remarks>
internal sealed class SectionPlanner(MediaSession session, SessionTransport transport, IReadOnlyList<SectionPlan> plans, ServerCapabilities capabilities)
{
    private const string NoCommonCodec = "no_common_codec";

    private MediaRoom Room => session.Room;

    /// <summary>Completes the plans.</summary>
    internal void Complete()
    {
        foreach (SectionPlan plan in plans) CompletePublished(plan);
        if (session.IsPlayer) Reserve();
        foreach (SectionPlan plan in plans) KeepReceived(plan);
        foreach (Subscription subscription in Waiting().ToArray()) Place(subscription);
    }

    /// <summary>True when a consumer goes on unchanged although one side was negotiated again.</summary>
    internal static bool Fits(ConsumerSelection current, OfferSection section, PublishedTrack track, ServerCapabilities capabilities) =>
        CodecNegotiator.TryConsume(section, track.Selection.Codecs, capabilities, out ConsumerSelection? selection, out _)
        && IsSame(selection, current);

    /// <summary>True when both maps say the same.</summary>
    internal static bool HasSame(HeaderExtensionMap one, HeaderExtensionMap other)
    {
        for (int id = 1; id <= byte.MaxValue; id++)
        {
            if (one.KindOf((byte)id) != other.KindOf((byte)id)) return false;
        }

        return true;
    }

    private static bool IsSame(ConsumerSelection one, ConsumerSelection other) =>
        one.Mid == other.Mid && one.Codecs.SequenceEqual(other.Codecs) && HasSame(one.Extensions, other.Extensions);

    private void CompletePublished(SectionPlan plan)
    {
        if (plan.Granted is { } granted && !Room.HasEndedEarly(granted.Id))
            plan.Published = new PublishedTrack(granted, session, transport.Id, transport.Placement, Room.Services.Ids.NextProducer(), plan.Selection!);
        else if (plan.Published is { } kept && Room.Find(kept.Info.Id) != kept)
            plan.Published = null;                         // it ended while the room was asked
    }

    /// <summary>A player is answered once: each of its sections gets what any track of its kind can be sent with.</summary>
    private void Reserve()
    {
        Span<int> counts = stackalloc int[2];
        foreach (SectionPlan plan in plans)
        {
            if (!plan.Offer.IsMedia) continue;
            MediaKind kind = KindOf(plan.Offer);
            int index = counts[(int)kind]++;
            if (!CodecNegotiator.TryReserve(plan.Offer, capabilities, out ConsumerSelection? formats, out _)) continue;
            plan.Reserved = plan.Existing?.Reserved is { } kept && IsSame(kept.Selection, formats) ? kept : new ConsumerAssignment(
                formats, transport.NewSsrc(), formats.UsesRtx ? transport.NewSsrc() : null,
                MsidNames.StreamOf(session.Participant, index), MsidNames.TrackOf(kind, index), session.Participant.Value);
        }
    }

    private void KeepReceived(SectionPlan plan)
    {
        if (plan.Existing is not { Received: { } received } existing || plan.IsSending) return;
        if (existing.IsRejected && !plan.Offer.IsLive)
        {
            // Our answer closed it because nothing in it can be decoded: the track stays with it, so that nobody is asked for more sections.
            plan.Received = received;
            plan.ReceiveRefusal = existing.ReceiveRefusal;
            return;
        }

        if (!plan.Offer.CanReceive || Room.Find(received.Id) is not { } track) return;
        plan.Received = received;
        if (existing.Consumer is { } sent && existing.Reserved == plan.Reserved && Fits(sent.Selection, plan.Offer, track, capabilities)) plan.Consumer = sent;
        else Feed(plan, track);
    }

    private IEnumerable<Subscription> Waiting()
    {
        HashSet<Subscription> kept = [.. plans.Select(plan => plan.Received).OfType<Subscription>()];
        return session.Subscriptions.All.Where(s => s.IsActive && Room.Find(s.Id) is not null && !kept.Contains(s));
    }

    private void Place(Subscription subscription)
    {
        PublishedTrack track = Room.Find(subscription.Id)!;
        SectionPlan? undecodable = null;
        foreach (SectionPlan plan in plans)
        {
            if (plan.IsSending || plan.Received is not null || !plan.Offer.CanReceive || KindOf(plan.Offer) != subscription.Kind) continue;
            if (TryFeed(plan, track))
            {
                plan.Received = subscription;
                return;
            }

            undecodable ??= plan;
        }

        if (undecodable is null) return;
        undecodable.Received = subscription;
        undecodable.ReceiveRefusal = NoCommonCodec;
    }

    private void Feed(SectionPlan plan, PublishedTrack track)
    {
        if (!TryFeed(plan, track)) plan.ReceiveRefusal = NoCommonCodec;
    }

    private bool TryFeed(SectionPlan plan, PublishedTrack track)
    {
        if (!CodecNegotiator.TryConsume(plan.Offer, track.Selection.Codecs, capabilities, out ConsumerSelection? selection, out _)) return false;
        ConsumerId id = Room.Services.Ids.NextConsumer();
        plan.Consumer = plan.Reserved is { } reserved
            ? SentTrack.On(reserved, id, track, session, selection)
            : new SentTrack(id, track, session, selection, transport.NewSsrc(), selection.UsesRtx ? transport.NewSsrc() : null);
        return true;
    }

    private static MediaKind KindOf(OfferSection section) => section.Kind == SectionKind.Audio ? MediaKind.Audio : MediaKind.Video;
}
