using Sfu.Media.Sdp;
using Sfu.Media.Sdp.Negotiation;
using Sfu.Rooms;
using Sfu.Router.Workers.Commands;

namespace Sfu.Nodes.Sessions;

/// <summary>One offer on its way to its answer: read, plan, ask the room, decide, carry out. Until the last step nothing of the session changes.</summary>
internal sealed class OfferExchange(MediaSession session, string sdp, IReadOnlyDictionary<string, TrackLabel> labels)
{
    private static readonly MediaError Over = new("bad_state", null, "The session is over.");
    private static readonly MediaError Broken = new("internal", null, "The room could not be reached; offer again.");

    private readonly MediaRoom _room = session.Room;
    private readonly NodeServices _services = session.Room.Services;
    private SessionTransport? _current;
    private NegotiatedSession? _agreed;
    private OfferView? _offer;
    private PublishPlanner? _planner;

    private bool IsFresh => _current is null;

    /// <summary>Runs it to the end; never throws for what a client sends.</summary>
    internal async Task<MediaAnswer> RunAsync(CancellationToken cancellation)
    {
        MediaAnswer answer;
        if (Begin() is { } refused)
        {
            answer = Refused(refused);
        }
        else
        {
            try
            {
                answer = await AnswerAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                Withdraw();
                answer = Refused(new MediaError("internal", null, "The offer was given up; offer again."));
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                _services.Logger.OfferFailed(session.Participant, error);
                Withdraw();
                answer = Refused(new MediaError("internal", null, "The server failed; offer again."));
            }
            finally
            {
                End();
            }
        }

        _services.Metrics.Offer(answer.Error);
        return answer;
    }

    private static MediaAnswer Refused(MediaError error) => new(null, new Dictionary<string, AnsweredSection>(), error);

    private MediaError? Begin()
    {
        using RoomTurn turn = _room.Enter();
        if (session.IsEnded) return Over;
        if (session.HasOpenOffer) return new MediaError("bad_state", null, "The offer before is not answered yet.");
        session.BeginOffer();
        _room.BeginPublish();
        _current = session.Transport;
        _agreed = _current?.Agreed;
        return null;
    }

    private void End()
    {
        using RoomTurn turn = _room.Enter();
        _room.EndPublish();
        session.EndOffer();
    }

    private async Task<MediaAnswer> AnswerAsync(CancellationToken cancellation)
    {
        if (Read() is { } unreadable) return Refused(unreadable);
        if (Plan() is { } unfit) return Refused(unfit);
        if (session.IsPlayer) await session.WhenReadyAsync(cancellation);
        if (await AskAsync(cancellation) is { } denied)
        {
            Withdraw();
            return Refused(denied);
        }

        SdpAnswer? answer = Decide(out MediaError? failure, out IReadOnlyDictionary<string, AnsweredSection> sections);
        if (answer is not null) return new MediaAnswer(answer.Description.ToString(), sections, null);
        Withdraw();
        return Refused(failure!);
    }

    /// <summary>Parses outside of the gate: an offer may have half a megabyte.</summary>
    private MediaError? Read()
    {
        if (!SessionDescription.TryParse(sdp, out SessionDescription? description, out SdpError? error)) return BadSdp(error);
        bool isFirst = OfferView.TryRead(description, null, out OfferView? first, out error);
        // An offer that stops everything is no first one, and has no certificate.
        if (!isFirst && _agreed is null) return BadSdp(error!);
        if (_agreed is null || (isFirst && !HasCertificateOf(first!, _agreed)))
        {
            _current = null;
            _offer = first;
            return null;
        }

        return OfferView.TryRead(description, _agreed, out _offer, out error) ? null : BadSdp(error);
    }

    private static MediaError BadSdp(SdpError error) => new("bad_sdp", error.Field, error.ToString());

    private static bool HasCertificateOf(OfferView offer, NegotiatedSession agreed) => offer.Fingerprints.Any(one =>
        agreed.RemoteFingerprints.Any(other => one.Algorithm == other.Algorithm && one.Value.Span.SequenceEqual(other.Value.Span)));

    private MediaError? Plan()
    {
        using RoomTurn turn = _room.Enter();
        if (IsStale() is { } stale) return stale;
        if (_current is { IsExhausted: true }) return new MediaError("limit", null, "This connection was negotiated too often; make a new one.");
        _planner = new PublishPlanner(session, _offer!, _current, labels, _services.Capabilities);
        return _planner.Plan();
    }

    private MediaError? IsStale()
    {
        if (session.IsEnded) return Over;
        return IsFresh || session.Transport == _current ? null : new MediaError("bad_state", null, "The connection ended; make a new one and offer it.");
    }

    private async Task<MediaError?> AskAsync(CancellationToken cancellation)
    {
        // Ending comes first: the new tracks may need the places of the old ones.
        UnpublishReason reason = IsFresh ? UnpublishReason.Replaced : UnpublishReason.Unpublished;
        if (_planner!.Ends.Count > 0
            && !await _services.Tracks.UnpublishAsync(_room.Key, session.Participant, _planner.Ends, reason, cancellation)) return Broken;
        TrackDraft[] drafts = [.. _planner.Plans.Select(plan => plan.Draft).OfType<TrackDraft>()];
        if (drafts.Length == 0) return null;
        PublishOutcome? outcome = await _services.Tracks.PublishAsync(_room.Key, session.Participant, drafts, cancellation);
        return outcome is null ? Broken : _planner.Take(outcome);
    }

    private SdpAnswer? Decide(out MediaError? failure, out IReadOnlyDictionary<string, AnsweredSection> sections)
    {
        sections = new Dictionary<string, AnsweredSection>();
        using RoomTurn turn = _room.Enter();
        failure = IsStale();
        if (failure is not null) return null;
        if ((_current ?? _room.NewTransport()) is not { } transport)
        {
            failure = new MediaError("internal", null, "No media worker runs.");
            return null;
        }

        transport.Avoid(_offer!);
        IReadOnlyList<SectionPlan> plans = _planner!.Plans;
        new SectionPlanner(session, transport, plans, _services.Capabilities).Complete();
        Media.Ice.IceCredentials local = _offer!.IsIceRestart ? IceSecrets.New() : transport.Local;
        var server = new ServerDescription(
            transport.SessionId, local, _services.Fleet.Fingerprint!, transport.Placement.Port.Worker.Candidates, session.Mode.IsAllOrNothing,
            _services.MaxTrackBitrate);
        SdpAnswer answer = AnswerBuilder.Build(_offer, [.. plans.Select(plan => plan.Decision)], server, _services.Capabilities);
        failure = Check(answer, plans);
        if (failure is not null) return null;
        Execute(transport, local, answer);
        sections = Describe(plans);
        return answer;
    }

    private MediaError? Check(SdpAnswer answer, IReadOnlyList<SectionPlan> plans)
    {
        if (session.IsPlayer && !session.HasMedia)
            return new MediaError("bad_state", null, "The participant sends nothing that could be played; try again when it does.");
        bool isWhole = session.Mode.IsAllOrNothing;
        bool isUseless = IsFresh && answer.Session.Sections.All(section => section.IsRejected);
        bool isPartial = isWhole && (answer.Session.Sections.Any(section => section.IsRejected) || plans.Any(plan => plan.ReceiveRefusal is not null));
        return isUseless || isPartial ? new MediaError("no_common_codec", "m", "Nothing in the offer can be used: no codec is common.") : null;
    }

    private void Execute(SessionTransport transport, Media.Ice.IceCredentials local, SdpAnswer answer)
    {
        var executor = new PlanExecutor(session, transport, _offer!, _planner!.Plans);
        if (IsFresh) executor.Open();
        else if (_offer!.IsIceRestart) transport.Placement.Post(new RestartIce(transport.Id, local, _offer.Ice));
        transport.Local = local;
        executor.Apply(answer.Session);
        // The client has nothing left to run the transport for and throws it away; if it ever goes on, it is with another one.
        if (answer.Session.Sections.All(section => section.IsRejected)) session.CloseTransport();
    }

    private Dictionary<string, AnsweredSection> Describe(IReadOnlyList<SectionPlan> plans)
    {
        var sections = new Dictionary<string, AnsweredSection>();
        foreach (SectionPlan plan in plans)
        {
            if (plan.Offer.Mid is not { } mid) continue;
            if (plan.Published is { } published) sections[mid] = new AnsweredSection(published.Info.Id, session.Participant, null);
            else if (plan.PublishRefusal is { } code) sections[mid] = new AnsweredSection(null, session.Participant, code);
            else if (plan.Received is { } received) sections[mid] = new AnsweredSection(received.Id, received.Participant, plan.ReceiveRefusal);
        }

        return sections;
    }

    /// <summary>The room published for an offer that came to nothing.</summary>
    private void Withdraw()
    {
        TrackId[] granted = [.. (_planner?.Plans ?? []).Where(plan => plan.Granted is not null).Select(plan => plan.Granted!.Id)];
        _services.Tracks.Withdraw(_room.Key, session.Participant, granted);
    }
}
