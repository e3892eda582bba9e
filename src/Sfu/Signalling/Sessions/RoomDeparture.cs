using Sfu.Rooms;

namespace Sfu.Signalling.Sessions;

/// <summary>Takes a participant out of its room, also when the room does not answer at first.</summary>
internal static class RoomDeparture
{
    private const int Attempts = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Ends the participation; a room that cannot be reached after all is logged and finds out by itself.</summary>
    public static async Task LeaveAsync(
        SessionServices services, IRoomGrain room, SessionId session, ParticipantId participant, LeaveReason reason, string detail)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await room.LeaveAsync(participant, reason, detail).WaitAsync(services.Options.RequestTimeout, services.Time);
                return;
            }
#pragma warning disable CA1031 // the store or the cluster does not answer: whatever it threw, the room is asked again
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (attempt == Attempts)
                {
                    services.Logger.LeaveFailed(exception, session.Value, participant.Value);
                    return;
                }
            }

            await Task.Delay(attempt * Pause, services.Time);
        }
    }
}
