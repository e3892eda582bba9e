using Sfu.Configuration;

namespace Sfu.Rooms.Decisions;

/// <summary>How a room begins, changes its settings and ends, by request or by time.</summary>
internal static class Lifecycle
{
    /// <summary>Settings of a room that says nothing.</summary>
    public static RoomSettings DefaultSettings(DecisionContext context) => new()
    {
        MaxParticipants = context.Options.MaxParticipants,
        EmptyTimeout = context.Options.EmptyTimeout,
        DepartureTimeout = context.Options.DepartureTimeout,
        Recording = context.Recording,
        Consent = context.Consent,
    };

    /// <summary>Creates the room; nothing when it is open.</summary>
    public static Decision Create(RoomState state, RoomDraft draft, RoomActor by, DecisionContext context)
    {
        if (state.IsOpen) return Decision.Nothing;
        if (Invalid(draft, context.Options) is { } invalid) return Decision.Refuse(RoomErrorCode.BadRequest, invalid);
        if (context.NoRoomLeft is { } full) return new Decision(full, []);
        return Decision.Do(new RoomCreated(context.Ids.NewRoom(), Merge(DefaultSettings(context), draft), by));
    }

    /// <summary>Changes the settings. A lower limit sends nobody away; a lobby that ends lets nobody in by itself.</summary>
    public static Decision Update(RoomState state, RoomDraft draft, RoomActor by, DecisionContext context)
    {
        if (Moderation.Refusal(state, by) is { } error) return new Decision(error, []);
        if (Invalid(draft, context.Options) is { } invalid) return Decision.Refuse(RoomErrorCode.BadRequest, invalid);
        RoomSettings settings = Merge(state.Settings!, draft);
        if (settings == state.Settings) return Decision.Nothing;
        var updated = new RoomUpdated(settings, by);
        return settings.Metadata == state.Settings!.Metadata
            ? Decision.Do(updated)
            : Decision.Do(updated, new MetadataChanged(null, settings.Metadata, null, by));
    }

    /// <summary>Ends the room; by the back end or the server only.</summary>
    public static Decision Delete(RoomState state, RoomActor by)
    {
        if (!state.IsOpen) return Decision.NoRoom;
        return by.Participant is null
            ? Decision.Do(Close(state, RoomCloseReason.Deleted, by))
            : Decision.Refuse(RoomErrorCode.Forbidden, "Only the back end may delete a room.");
    }

    /// <summary>What time alone brings: ended grants, too long in the lobby, lost nodes, and the end of an empty room.</summary>
    /// <param name="state">The room.</param>
    /// <param name="context">The time and the limits.</param>
    /// <param name="lostNodes">Nodes that are gone for longer than <see cref="RoomOptions.NodeLostTimeout"/>.</param>
    public static Decision Overdue(RoomState state, DecisionContext context, IReadOnlySet<string> lostNodes)
    {
        if (!state.IsOpen) return Decision.Nothing;
        if (state.EmptySince is { } since && context.Now - since >= IdleLimit(state))
            return Decision.Do(Close(state, RoomCloseReason.Empty, RoomActor.Server));
        List<RoomEvent>? events = null;
        foreach (Participant participant in state.Everybody)
        {
            if (Overdue(participant, context, lostNodes) is { } reason)
                Admission.AddDeparture(events ??= [], participant, reason, "", RoomActor.Server);
        }

        return events is null ? Decision.Nothing : Decision.Do(events);
    }

    /// <summary>When <see cref="Overdue(RoomState, DecisionContext, IReadOnlySet{string})"/> next finds something, lost nodes aside, should nothing else happen;
    /// the end of time when that is never.</summary>
    public static DateTimeOffset NextDue(RoomState state, RoomOptions options)
    {
        if (!state.IsOpen) return DateTimeOffset.MaxValue;
        DateTimeOffset due = state.EmptySince + IdleLimit(state) ?? DateTimeOffset.MaxValue;
        foreach (Participant participant in state.Everybody)
        {
            if (participant.ExpiresAt < due) due = participant.ExpiresAt.Value;
            if (participant.State == ParticipantState.Waiting && participant.JoinedAt + options.LobbyTimeout < due) due = participant.JoinedAt + options.LobbyTimeout;
        }

        return due;
    }

    private static TimeSpan IdleLimit(RoomState state) => state.EverJoined ? state.Settings!.DepartureTimeout : state.Settings!.EmptyTimeout;

    private static LeaveReason? Overdue(Participant participant, DecisionContext context, IReadOnlySet<string> lostNodes)
    {
        if (participant.ExpiresAt <= context.Now) return LeaveReason.TokenExpired;
        if (lostNodes.Contains(participant.Node)) return LeaveReason.NodeLost;
        bool waitedOut = participant.State == ParticipantState.Waiting && context.Now - participant.JoinedAt >= context.Options.LobbyTimeout;
        return waitedOut ? LeaveReason.Timeout : null;
    }

    /// <summary>Everybody leaves and the room ends.</summary>
    public static List<RoomEvent> Close(RoomState state, RoomCloseReason reason, RoomActor by)
    {
        var events = new List<RoomEvent>();
        foreach (Participant participant in state.Everybody)
            Admission.AddDeparture(events, participant, LeaveReason.RoomClosed, "", by);
        events.Add(new RoomClosed(reason, by));
        return events;
    }

    private static RoomSettings Merge(RoomSettings settings, RoomDraft draft) => settings with
    {
        MaxParticipants = draft.MaxParticipants ?? settings.MaxParticipants,
        EmptyTimeout = draft.EmptyTimeout ?? settings.EmptyTimeout,
        DepartureTimeout = draft.DepartureTimeout ?? settings.DepartureTimeout,
        Lobby = draft.Lobby ?? settings.Lobby,
        Metadata = draft.Metadata ?? settings.Metadata,
        Recording = draft.Recording ?? settings.Recording,
        Consent = draft.Consent ?? settings.Consent,
    };

    private static string? Invalid(RoomDraft draft, RoomOptions options)
    {
        if (draft.MaxParticipants is { } most && (most < 1 || most > options.MaxParticipantsLimit))
            return $"maxParticipants must be 1 to {options.MaxParticipantsLimit}.";
        if (draft.EmptyTimeout is { } empty && (empty < TimeSpan.FromSeconds(1) || empty > TimeSpan.FromDays(7)))
            return "emptyTimeout must be 1 s to 7 days.";
        if (draft.DepartureTimeout is { } departure && (departure < TimeSpan.Zero || departure > TimeSpan.FromDays(7)))
            return "departureTimeout must be 0 to 7 days.";
        return draft.Metadata is null || Names.IsText(draft.Metadata, Names.MaxMetadataLength)
            ? null
            : "metadata must be at most 2,048 characters of text.";
    }
}
