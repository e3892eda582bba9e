using Sfu.Nodes.Recording;
using Sfu.Recordings.Storage;
using Sfu.Rooms;

namespace Sfu.Recordings;

/// <summary>At start wakes the owner of every recording that is not over, so that it goes on or is sealed, then seals what the recorder's
/// write-ahead log has open and nobody owns.</summary>
internal sealed class RecordingSweep(
    IRecordingStore store, IRoomRecordings recordings, IRecordingNode recorder, TimeProvider time, ILogger<RecordingSweep> logger) : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (TimeSpan retry = FirstRetry; !await TryAsync(retry, stoppingToken); retry = retry * 2 < LastRetry ? retry * 2 : LastRetry)
            await Task.Delay(retry, time, stoppingToken);
    }

    private async Task<bool> TryAsync(TimeSpan retry, CancellationToken stopping)
    {
        try
        {
            IReadOnlyList<RoomKey> rooms = await store.ListOpenAsync();
            foreach (RoomKey room in rooms) await recordings.Get(room).GetAsync();
            int orphans = 0;
            foreach (OpenRecording open in await recorder.RecoverAsync(stopping))
            {
                if (await store.FindAsync(open.Recording) is { } state && !RecordingPhases.IsOver(state.Phase)) continue;
                // No owner will ever speak for it: any epoch is the last one.
                await recorder.StopAsync(new RecordingFence(open.Recording, open.Room, long.MaxValue), RecordingEndReason.Abandoned, stopping);
                orphans++;
            }

            if (rooms.Count + orphans > 0) logger.RecordingsSwept(rooms.Count, orphans);
            return true;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            logger.RecordingsNotSwept(e, retry);
            return false;
        }
    }
}
