using Sfu.Nodes.Workers;
using Sfu.Rooms;

namespace Sfu.Nodes;

/// <summary>The workers that carry a room: one, and others only when that one is loaded (<c>docs/adr/0012-rooms-on-several-workers.md</c>).</summary>
/// <remarks>
/// Guarded by the room's gate. Who joins goes to the first of the room's workers whose load is below <see cref="Configuration.MediaOptions.SpanLoad"/>;
/// where all are above, to a worker that is clearly less loaded, else to the least loaded of the room's. Nobody is moved.
/// </remarks>
internal sealed class RoomPlacements(RoomKey key, NodeServices services)
{
    /// <summary>How much less loaded another worker must be: less is not worth the tracks that must be piped there.</summary>
    internal const double ClearlyLess = 0.2;

    private readonly List<RoomPlacement> _placements = [];

    /// <summary>The worker that has carried the room longest; null when none does.</summary>
    internal RoomPlacement? Home => _placements.Count > 0 ? _placements[0] : null;

    /// <summary>Workers that carry it.</summary>
    internal int Count => _placements.Count;

    /// <summary>Where the next transport goes; null when no worker lives.</summary>
    internal RoomPlacement? Choose()
    {
        if (services.SpanLoad <= 0) return Spread();
        RoomPlacement? best = null;
        double least = double.PositiveInfinity;
        foreach (RoomPlacement placement in _placements)
        {
            if (!placement.Port.IsAlive) continue;
            double load = placement.Port.Load;
            if (load < services.SpanLoad || services.SpanLoad >= 1) return placement;
            if (load >= least) continue;
            (best, least) = (placement, load);
        }

        if (services.Fleet.Choose(except: IsOn) is { } other && (best is null || other.Load <= least - ClearlyLess)) return New(other);
        return best;
    }

    /// <summary>A transport was opened there.</summary>
    internal void Open(RoomPlacement placement, MediaRoom room)
    {
        if (placement.Transports++ > 0) return;
        services.RoomsById[placement.Id] = room;
        _placements.Add(placement);
        if (_placements.Count == 1) return;
        if (_placements.Count == 2) services.Metrics.RoomSpans(1);
        services.Logger.RoomSpans(key, placement.Port.Index, _placements.Count, Home!.Port.Index, Home.Port.Load, placement.Port.Load);
    }

    /// <summary>A transport there is gone; the room leaves the worker with the last one.</summary>
    /// <returns>True when it has left.</returns>
    internal bool Close(RoomPlacement placement)
    {
        if (--placement.Transports > 0) return false;
        services.RoomsById.TryRemove(placement.Id, out _);
        _placements.Remove(placement);
        if (_placements.Count == 1) services.Metrics.RoomSpans(-1);
        return true;
    }

    private bool IsOn(WorkerPort port) => _placements.Exists(placement => placement.Port == port);

    /// <summary>The limit is zero: a worker that carries fewest of the room.</summary>
    private RoomPlacement? Spread()
    {
        if (services.Fleet.Choose(except: IsOn) is { } unused) return New(unused);
        return _placements.Where(placement => placement.Port.IsAlive).MinBy(placement => placement.Transports);
    }

    private RoomPlacement New(WorkerPort port) => new(port, services.Ids.NextRoom());
}
