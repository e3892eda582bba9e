using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Observability;
using Sfu.Rooms;
using Sfu.Rooms.Hub;

namespace Sfu.Placement;

/// <summary>The node's limits before the room's, and an answer whatever happens behind.</summary>
internal sealed class RoomAdmission(
    IRoomGrains grains,
    ILocalNode node,
    RoomCensus census,
    RoomMetrics metrics,
    IOptions<RoomOptions> options,
    TimeProvider time,
    ILogger<RoomAdmission> logger) : IRoomAdmission
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly JoinGate _gate = new(options.Value, time);
    private int _underWay;

    /// <inheritdoc/>
    public async Task<JoinOutcome> JoinAsync(RoomKey room, JoinRequest request, CancellationToken cancellation = default)
    {
        try
        {
            JoinOutcome outcome = await EnterAsync(room, request, cancellation);
            metrics.Joined(Result(outcome));
            return outcome;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            metrics.Joined(JoinResult.Cancelled);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<ResumeOutcome> ResumeAsync(RoomKey room, ResumeRequest request, bool isKnown, CancellationToken cancellation = default)
    {
        if (await _gate.ResumeAsync(isKnown, cancellation) is { } wait)
        {
            metrics.LimitHit(LimitKind.Resumes);
            return new ResumeRefused(new RoomError(RoomErrorCode.Limit, "Too many resume at once.", wait));
        }

        try
        {
            // Not given up with the socket: the room may have taken it, and then somebody here must speak for the participant.
            return await grains.Get(room).ResumeAsync(request).WaitAsync(Patience, time, CancellationToken.None);
        }
        catch (Exception e)
        {
            logger.ResumeUnanswered(e, room);
            return new ResumeRefused(new RoomError(RoomErrorCode.TryAgain, "The room cannot be reached now.", TimeSpan.FromSeconds(1)));
        }
    }

    private async Task<JoinOutcome> EnterAsync(RoomKey room, JoinRequest request, CancellationToken cancellation)
    {
        if (Draining() is { } draining) return draining;
        if (await _gate.EnterAsync(cancellation) is { } wait)
        {
            metrics.LimitHit(LimitKind.Joins);
            return Refused(RoomErrorCode.Limit, "Too many join at once.", wait);
        }

        if (Draining() is { } begun) return begun;
        // Those under way are counted: a burst must not pass the limit together.
        int underWay = Interlocked.Increment(ref _underWay);
        try
        {
            if (census.Participants + underWay <= options.Value.MaxParticipantsPerNode) return await AskAsync(room, request, cancellation);
            metrics.LimitHit(LimitKind.NodeParticipants);
            return Refused(RoomErrorCode.Limit, "The server has its most participants.", TimeSpan.FromSeconds(30));
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private JoinRefused? Draining() =>
        node.IsDraining ? Refused(RoomErrorCode.Draining, "The server takes no new calls.", TimeSpan.FromSeconds(5)) : null;

    private async Task<JoinOutcome> AskAsync(RoomKey room, JoinRequest request, CancellationToken cancellation)
    {
        IRoomGrain grain = grains.Get(room);
        Task<JoinOutcome> join = grain.JoinAsync(request);
        try
        {
            return await join.WaitAsync(Patience, time, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _ = UndoAsync(room, grain, request.Session, join);
            throw;
        }
        catch (Exception e)
        {
            // The store or the cluster; whether the room let somebody in is not known, so it is told that nobody waits.
            logger.JoinUnanswered(e, room);
            _ = UndoAsync(room, grain, request.Session, join);
            return Refused(RoomErrorCode.TryAgain, "The room cannot be reached now.", TimeSpan.FromSeconds(1));
        }
    }

    private async Task UndoAsync(RoomKey room, IRoomGrain grain, SessionId session, Task<JoinOutcome> join)
    {
        try
        {
            await ((Task)join).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (join.IsCompletedSuccessfully && join.Result is JoinRefused) return;
            await grain.AbandonAsync(session);
        }
        catch (Exception e)
        {
            logger.JoinNotUndone(e, room);
        }
    }

    private static JoinRefused Refused(RoomErrorCode code, string message, TimeSpan retryAfter) => new(new RoomError(code, message, retryAfter));

    private static JoinResult Result(JoinOutcome outcome) => outcome switch
    {
        JoinAccepted => JoinResult.Accepted,
        JoinWaiting => JoinResult.Waiting,
        JoinRefused refused => refused.Error.Code switch
        {
            RoomErrorCode.NotFound => JoinResult.NotFound,
            RoomErrorCode.Forbidden => JoinResult.Forbidden,
            RoomErrorCode.RoomFull => JoinResult.RoomFull,
            RoomErrorCode.RoomLocked => JoinResult.RoomLocked,
            RoomErrorCode.Limit => JoinResult.Limit,
            RoomErrorCode.Draining => JoinResult.Draining,
            RoomErrorCode.TryAgain => JoinResult.TryAgain,
            RoomErrorCode.RecordingUnavailable => JoinResult.RecordingUnavailable,
            _ => JoinResult.BadRequest,
        },
        _ => throw new InvalidOperationException(outcome.GetType().Name),
    };
}
