using Sfu.Rooms;

namespace Sfu.Nodes;

/// <summary>Asks the room grain, with a time-out; a grain that fails is a value here, never an exception.</summary>
/// <param name="rooms">Finds a room's grain.</param>
/// <param name="time">The clock of time-outs and pauses.</param>
/// <param name="logger">Gets what failed.</param>
internal sealed class GrainRoomTracks(Func<RoomKey, IRoomGrain> rooms, TimeProvider time, ILogger<GrainRoomTracks> logger) : IRoomTracks
{
    /// <summary>How long an offer waits for the room; its client waits at least as long.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>How often tracks are withdrawn before it is left to the participant's leaving.</summary>
    internal const int WithdrawTries = 6;

    /// <summary>Pause after the first failure; it doubles.</summary>
    internal static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<PublishOutcome?> PublishAsync(
        RoomKey room, ParticipantId participant, IReadOnlyList<TrackDraft> drafts, CancellationToken cancellation)
    {
        Task<PublishOutcome>? call = null;
        try
        {
            call = rooms(room).PublishAsync(participant, drafts);
            return await call.WaitAsync(Patience, time, cancellation);
        }
        catch (Exception error)
        {
            logger.RoomUnreachable(room, participant, error);
            if (call is not null) _ = WithdrawLateAsync(call, room, participant);
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> UnpublishAsync(
        RoomKey room, ParticipantId participant, IReadOnlyList<TrackId> tracks, UnpublishReason reason, CancellationToken cancellation)
    {
        try
        {
            // Refused means that the participant is gone, and then its tracks are.
            await rooms(room).UnpublishAsync(participant, tracks, reason).WaitAsync(Patience, time, cancellation);
            return true;
        }
        catch (Exception error)
        {
            logger.RoomUnreachable(room, participant, error);
            return false;
        }
    }

    /// <inheritdoc/>
    public void Withdraw(RoomKey room, ParticipantId participant, IReadOnlyList<TrackId> tracks)
    {
        if (tracks.Count > 0) _ = WithdrawAsync(room, participant, tracks);
    }

    /// <summary>The call was given up, but it may still publish.</summary>
    private async Task WithdrawLateAsync(Task<PublishOutcome> call, RoomKey room, ParticipantId participant)
    {
        try
        {
            PublishOutcome outcome = await call;
            Withdraw(room, participant, [.. outcome.Tracks.Select(result => result.Track?.Id).OfType<TrackId>()]);
        }
        catch (Exception error)
        {
            logger.RoomUnreachable(room, participant, error);
        }
    }

    private async Task WithdrawAsync(RoomKey room, ParticipantId participant, IReadOnlyList<TrackId> tracks)
    {
        TimeSpan pause = FirstPause;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await rooms(room).UnpublishAsync(participant, tracks, UnpublishReason.Unpublished).WaitAsync(Patience, time);
                return;
            }
            catch (Exception error)
            {
                if (attempt == WithdrawTries)
                {
                    logger.UnpublishFailed(room, participant, error);
                    return;
                }
            }

            await Task.Delay(pause, time);
            pause *= 2;
        }
    }
}
