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
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A room that cannot be read keeps none of the others asleep.
        for (TimeSpan retry = FirstRetry; !await WakeAllAsync(retry, stoppingToken); retry = retry * 2 < LastRetry ? retry * 2 : LastRetry)
            await Task.Delay(retry, time, stoppingToken);

        while (true)
        {
            await Task.Delay(PruneEvery, time, stoppingToken);
            await PruneAsync(stoppingToken);
        }
    }

    private async Task<bool> WakeAllAsync(TimeSpan retry, CancellationToken stopping)
    {
        int woken = 0, failed = 0;
        Exception? cause = null;
        try
        {
            IReadOnlyList<RoomKey> page;
            for (RoomKey? after = null; (page = await store.ListOpenAsync(after, Page)).Count > 0; after = page[^1])
            {
                var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stopping };
                await Parallel.ForEachAsync(page, parallel, async (room, _) =>
                {
                    if (await WakeAsync(room) is not { } error)
                    {
                        Interlocked.Increment(ref woken);
                        return;
                    }

                    cause = error;
                    Interlocked.Increment(ref failed);
                });
            }
        }
        catch (RoomStoreException e)
        {
            (cause, failed) = (e, failed + 1);
        }

        if (failed == 0) logger.RoomsSwept(woken);
        else logger.RoomsNotSwept(cause, failed, retry);
        return failed == 0;
    }

    private async Task<Exception?> WakeAsync(RoomKey room)
    {
        try
        {
            await grains.Get(room).GetAsync();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private async Task PruneAsync(CancellationToken stopping)
    {
        try
        {
            int removed = await store.PruneAsync(time.GetUtcNow() - options.Value.LogRetention, stopping);
            if (removed > 0) logger.EventsPruned(removed);
        }
        catch (RoomStoreException e)
        {
            logger.PruneFailed(e);
        }
    }
}
