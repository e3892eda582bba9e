namespace Sfu.Nodes.Sessions;

/// <summary>When the session's client is asked to offer again.</summary>
internal sealed partial class MediaSession
{
    /// <summary>Somebody's media can be received now.</summary>
    internal void OnTrackReady(PublishedTrack track)
    {
        if (Subscriptions.Find(track.Info.Id) is not { IsActive: true }) return;
        if (_ready is not null && IsReady) _ready.TrySetResult();
        ScheduleNegotiate();
    }

    /// <summary>Waits until media of a wanted track comes in, for <see cref="ReadyPatience"/> at most.</summary>
    internal async Task WhenReadyAsync(CancellationToken cancellation)
    {
        Task ready;
        using (Room.Enter())
        {
            if (IsEnded || IsReady) return;
            _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ready = _ready.Task;
        }

        try
        {
            await ready.WaitAsync(ReadyPatience, Room.Services.Time, cancellation);
        }
        catch (TimeoutException)
        {
            // The offer is refused when still nothing is there.
        }
    }

    /// <summary>A publisher negotiated other formats: what does not fit any more waits for the next offer, on the same section.</summary>
    internal void OnFormatsChanged(PublishedTrack track)
    {
        foreach (SessionSection section in Transport?.Sections ?? [])
        {
            if (section.Received?.Id != track.Info.Id) continue;
            if (section.Reserved is not null)
            {
                if (section.Consumer is not { } kept || !SectionPlanner.Fits(kept.Selection, section.Offer, track, Room.Services.Capabilities))
                    Release(section, isGone: false);
                continue;
            }

            if (section.Consumer is { } sent)
            {
                if (SectionPlanner.Fits(sent.Selection, section.Offer, track, Room.Services.Capabilities)) continue;
                Room.Drop(sent, isGone: false);
            }

            section.Consumer = null;
            section.ReceiveRefusal = null;
            section.NeedsOffer = true;
        }

        if (Subscriptions.Find(track.Info.Id) is { } changed) changed.IsRefused = false;
        ScheduleNegotiate();
    }

    /// <summary>Media of a wanted track comes in here.</summary>
    internal bool HasMedia => Subscriptions.All.Any(s => s.IsActive && Room.Find(s.Id) is not null);

    /// <summary>Active tracks whose media comes in here and which no section carries, oldest first.</summary>
    internal IEnumerable<Subscription> Waiting() =>
        Subscriptions.All.Where(s => s.IsActive && s.Section is null && Room.Find(s.Id) is not null);

    /// <summary>Follows a change of what is wanted or there.</summary>
    private void Reconsider()
    {
        if (_ready is not null && IsReady) _ready.TrySetResult();
        ScheduleNegotiate();
    }

    private void ScheduleNegotiate()
    {
        if (IsPlayer)
        {
            Room.Fill(this);
            return;
        }

        if (_isTimerArmed || !MayNegotiate || !(Waiting().Any() || NeedsOffer())) return;
        _isTimerArmed = true;
        _timer.Change(NegotiateDelay, Timeout.InfiniteTimeSpan);
    }

    // After the transport ended the client comes with a new connection: what waits is served by its first offer, or asked for after it.
    private bool MayNegotiate => !IsEnded && !HasOpenOffer && _closedReason is null;

    // What is announced but not there is sent when it comes.
    private bool IsReady => HasMedia || !Subscriptions.All.Any(s => s.IsActive);

    private bool NeedsOffer() => Transport?.Sections.Any(section => section.NeedsOffer) ?? false;

    private void OnTimer()
    {
        using RoomTurn turn = Room.Enter();
        _isTimerArmed = false;
        if (!MayNegotiate) return;
        Span<int> waiting = stackalloc int[2];
        Span<int> idle = stackalloc int[2];
        bool isRequested = false;
        foreach (Subscription subscription in Waiting())
        {
            waiting[(int)subscription.Kind]++;
            isRequested |= subscription.IsRequested;
        }

        foreach (SessionSection section in Transport?.Sections ?? [])
        {
            if (section.IsIdle) idle[(int)section.Kind]++;
        }

        if (_need.Ask(waiting, idle, NeedsOffer()) is not { } ask) return;
        string reason = isRequested ? "subscribe" : "tracks";
        Tell(sink => sink.OnNegotiate(ask.Audio, ask.Video, reason));
    }
}
