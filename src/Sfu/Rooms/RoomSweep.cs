using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Rooms.Hub;
using Sfu.Rooms.Storage;

namespace Sfu.Rooms;

/// <summary>At start wakes every room that the store says is open, so that its clock runs again; later removes old events, once an hour.</summary>
internal sealed class RoomSweep(
    IRoomStore store, IRoomGrains grains, IOptions<RoomOptions> options, TimeProvider time, ILogger<RoomSweep> logger) : BackgroundService
{
    private const int Page = 500;
    private const int AtOnce = 8;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await TryAsync(WakeAsync, stoppingToken)) await Task.Delay(RetryAfter, time, stoppingToken);
        while (true)
        {
            await Task.Delay(PruneEvery, time, stoppingToken);
            await TryAsync(PruneAsync, stoppingToken);
        }
    }

    private async Task<bool> TryAsync(Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        try
        {
            await work(stopping);
            return true;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            logger.RoomSweepFailed(e);
            return false;
        }
    }

    private async Task WakeAsync(CancellationToken stopping)
    {
        int rooms = 0;
        RoomKey? after = null;
        while (true)
        {
            IReadOnlyList<RoomKey> page = await store.ListOpenAsync(after, Page);
            if (page.Count == 0) break;
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping };
            await Parallel.ForEachAsync(page, parallel, async (room, _) => await grains.Get(room).GetAsync());
            rooms += page.Count;
            after = page[^1];
        }

        logger.RoomsSwept(rooms);
    }

    private async Task PruneAsync(CancellationToken stopping)
    {
        int removed = await store.PruneAsync(time.GetUtcNow() - options.Value.LogRetention, stopping);
        if (removed > 0) logger.EventsPruned(removed);
    }
}
