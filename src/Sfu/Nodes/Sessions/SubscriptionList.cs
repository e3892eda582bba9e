using Sfu.Rooms;

namespace Sfu.Nodes.Sessions;

/// <summary>The tracks of others that one session may receive, oldest first, and which of them it wants.</summary>
/// <remarks>Guarded by the room's gate.</remarks>
/// <param name="isAutomatic">Wanted is what was not switched off, else what was switched on.</param>
/// <param name="time">The clock.</param>
internal sealed class SubscriptionList(bool isAutomatic, TimeProvider time)
{
    /// <summary>Most tracks one session receives (<c>limits.subscriptions</c>).</summary>
    internal const int Limit = 100;

    private readonly List<Subscription> _ordered = [];
    private readonly Dictionary<TrackId, Subscription> _byTrack = [];
    private int _active;

    /// <summary>All, oldest first.</summary>
    internal IReadOnlyList<Subscription> All => _ordered;

    /// <summary>A track's entry, or null.</summary>
    internal Subscription? Find(TrackId track) => _byTrack.GetValueOrDefault(track);

    /// <summary>A track is there; it becomes active when it is wanted and fits within the limit.</summary>
    internal void Add(Track track)
    {
        var subscription = new Subscription(track);
        if (!_byTrack.TryAdd(track.Id, subscription)) return;
        _ordered.Add(subscription);
        TryActivate(subscription);
    }

    /// <summary>A track is gone; returns its entry, or null.</summary>
    internal Subscription? Remove(TrackId track)
    {
        if (!_byTrack.Remove(track, out Subscription? subscription)) return null;
        _ordered.Remove(subscription);
        Deactivate(subscription);
        return subscription;
    }

    /// <summary>The client wants a track, or no longer.</summary>
    internal void Switch(Subscription subscription, bool on)
    {
        subscription.Switch = on;
        if (on) TryActivate(subscription);
        else Deactivate(subscription);
    }

    /// <summary>True when so many more fit within the limit.</summary>
    internal bool HasRoomFor(IEnumerable<Subscription> more) => _active + more.Distinct().Count(s => !s.IsActive) <= Limit;

    private bool IsWanted(Subscription subscription) => subscription.Switch ?? isAutomatic;

    private void TryActivate(Subscription subscription)
    {
        if (subscription.IsActive || _active == Limit || !IsWanted(subscription)) return;
        subscription.IsActive = true;
        subscription.ActiveSince = time.GetTimestamp();
        _active++;
    }

    /// <summary>Gives the place to the oldest that waits for one.</summary>
    private void Deactivate(Subscription subscription)
    {
        if (!subscription.IsActive) return;
        subscription.IsActive = false;
        subscription.IsRequested = false;
        _active--;
        for (int i = 0; _active == Limit - 1 && i < _ordered.Count; i++) TryActivate(_ordered[i]);
    }
}
