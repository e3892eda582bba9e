using Sfu.Rooms;

namespace Sfu.Nodes.Sessions;

/// <summary>The tracks of others that one session may receive, oldest first, and which of them it wants.</summary>
/// <remarks>Guarded by the room's gate.</remarks>
internal sealed class SubscriptionList(bool isAutomatic)
{
    /// <summary>Most tracks one session receives (<c>limits.subscriptions</c>).</summary>
    internal const int Limit = 100;

    private readonly List<Subscription> _ordered = [];
    private readonly Dictionary<TrackId, Subscription> _byTrack = [];

    /// <summary>All, oldest first.</summary>
    internal IReadOnlyList<Subscription> All => _ordered;

    /// <summary>A track's entry, or null.</summary>
    internal Subscription? Find(TrackId track) => _byTrack.GetValueOrDefault(track);

    /// <summary>A track is there.</summary>
    internal void Add(Track track)
    {
        var subscription = new Subscription(track);
        if (_byTrack.TryAdd(track.Id, subscription)) _ordered.Add(subscription);
    }

    /// <summary>A track is gone; returns its entry, or null.</summary>
    internal Subscription? Remove(TrackId track)
    {
        if (!_byTrack.Remove(track, out Subscription? subscription)) return null;
        _ordered.Remove(subscription);
        return subscription;
    }

    /// <summary>True when so many more fit within the limit.</summary>
    internal bool HasRoomFor(IEnumerable<Subscription> more) =>
        _ordered.Count(s => s.IsActive) + more.Distinct().Count(s => !s.IsActive) <= Limit;

    /// <summary>Makes active what is wanted, as far as the limit allows; returns what is no longer.</summary>
    internal IReadOnlyList<Subscription> Refresh()
    {
        var ended = new List<Subscription>();
        int active = 0;
        foreach (Subscription subscription in _ordered)
        {
            if (subscription.IsActive && !IsWanted(subscription))
            {
                subscription.IsActive = false;
                subscription.IsRequested = false;
                ended.Add(subscription);
            }

            if (subscription.IsActive) active++;
        }

        foreach (Subscription subscription in _ordered)
        {
            if (active >= Limit) break;
            if (subscription.IsActive || !IsWanted(subscription)) continue;
            subscription.IsActive = true;
            active++;
        }

        return ended;
    }

    private bool IsWanted(Subscription subscription) => subscription.Switch ?? isAutomatic;
}
