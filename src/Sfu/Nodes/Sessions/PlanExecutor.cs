using Sfu.Media.Sdp.Negotiation;
using Sfu.Router.Workers.Commands;

namespace Sfu.Nodes.Sessions;

/// <summary>Carries out the plans of an answered offer: posts the commands and leaves the session's sections as the answer says.</summary>
/// <remarks>Runs in the room's gate, after nothing can fail any more.</remarks>
internal sealed class PlanExecutor(MediaSession session, SessionTransport transport, OfferView offer, IReadOnlyList<SectionPlan> plans)
{
    private MediaRoom Room => session.Room;

    /// <summary>Opens the transport of a new connection; the one before is closed with everything on it.</summary>
    internal void Open()
    {
        Room.Open(session, transport, new OpenTransport(transport.Placement.Id, transport.Id, transport.Local, offer.Ice, offer.Fingerprints));
        session.CloseTransport();
        session.Transport = transport;
    }

    /// <summary>Brings sections, producers and consumers to what the answer says.</summary>
    internal void Apply(NegotiatedSession agreed)
    {
        Span<int> added = stackalloc int[2];
        CountAdded(added);
        ReleaseOld();
        transport.Agreed = agreed;
        transport.Sections = [.. plans.Select((plan, i) => Renew(plan, agreed.Sections[i].IsRejected))];
        for (int i = 0; i < plans.Count; i++) Attach(plans[i], transport.Sections[i]);
        session.OnAnswered(added);
    }

    private void CountAdded(Span<int> added)
    {
        foreach (SectionPlan plan in plans)
        {
            bool wasThere = plan.Existing is { IsSending: false, Offer.CanReceive: true };
            if (plan.Offer.CanReceive && !plan.IsSending && !wasThere) added[plan.Offer.Kind == SectionKind.Audio ? 0 : 1]++;
        }
    }

    /// <summary>Everything that does not go on ends before anything begins: mids and payload types are used again.</summary>
    private void ReleaseOld()
    {
        foreach (SessionSection section in transport.Sections)
        {
            SectionPlan? plan = plans.FirstOrDefault(p => p.Existing == section);
            if (section.Published is { } published && published != plan?.Published) Room.Unpublish(published, isGone: false);
            if (section.Consumer is { } sent && sent != plan?.Consumer)
            {
                Room.Drop(sent, isGone: false);
                section.Consumer = null;
            }

            if (section.Received is not null && section.Received != plan?.Received) session.Release(section, isGone: false);
        }
    }

    private static SessionSection Renew(SectionPlan plan, bool isRejected)
    {
        SessionSection section = plan.Existing ?? new SessionSection(plan.Offer);
        section.Offer = plan.Offer;
        section.IsRejected = isRejected;
        section.IsSending = plan.IsSending;
        section.PublishRefusal = plan.PublishRefusal;
        section.ReceiveRefusal = plan.ReceiveRefusal;
        section.Reserved = plan.Reserved;
        section.NeedsOffer = false;
        return section;
    }

    private void Attach(SectionPlan plan, SessionSection section)
    {
        if (plan.Published is { } published && section.Published != published)
        {
            section.Published = published;
            session.AddOwn(published.Info.Id);
            Room.Publish(published);
        }
        else if (plan.Published is { } kept && !IsSame(kept.Selection, plan.Selection!))
        {
            Room.Update(kept, plan.Selection!);
        }

        if (plan.Received is { } received) session.Receive(section, transport, received, plan.Consumer);
    }

    private static bool IsSame(PublishSelection one, PublishSelection other) =>
        one.Mid == other.Mid
        && one.Codecs.SequenceEqual(other.Codecs)
        && one.Encodings.SequenceEqual(other.Encodings)
        && SectionPlanner.HasSame(one.Extensions, other.Extensions);
}
