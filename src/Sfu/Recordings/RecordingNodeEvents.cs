using Sfu.Nodes.Recording;
using Sfu.Rooms;

namespace Sfu.Recordings;

/// <summary>Carries the recorder's news to the owners. One that gets lost is found by the owner's clock.</summary>
internal sealed class RecordingNodeEvents(IRoomRecordings recordings, ILogger<RecordingNodeEvents> logger) : IRecordingNodeEvents
{
    /// <inheritdoc/>
    public void Changed(RoomKey room, Guid recording, NodeRecordingHealth health) => _ = Task.Run(() => TellAsync(room, recording, health));

    /// <inheritdoc/>
    public void RecorderChanged(RecordingCause? unavailable) => logger.RecorderIs(unavailable?.ToString() ?? "available");

    private async Task TellAsync(RoomKey room, Guid recording, NodeRecordingHealth health)
    {
        try
        {
            await recordings.Get(room).OnHealthAsync(recording, health);
        }
        catch (Exception e)
        {
            logger.OwnerNotTold(e, room);
        }
    }
}
