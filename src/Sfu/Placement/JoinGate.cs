using Sfu.Configuration;

namespace Sfu.Placement;

/// <summary>Spaces joins and resumes: so many per second, half a second's worth at once, a bounded queue behind (the garbage of a
/// storm pauses the media workers).</summary>
/// <remarks>A resume goes before a join: who is in a call is worth more than who wants in. Each resume of a session that lives here also takes
/// its time from the joins, and while a storm of them fills their rate, joins are refused. Those of sessions that only the rooms can know have a rate of
/// their own: they cost strangers nothing to send, so they may hold up neither joins nor the others. Safe on any thread.</remarks>
internal sealed class JoinGate(RoomOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly TurnQueue _joins = new(options.JoinsPerSecond, options.JoinQueue);
    private readonly TurnQueue _resumes = new(options.ResumesPerSecond, options.ResumeQueue);
    private readonly TurnQueue _restores = new(options.ResumesPerSecond, options.ResumeQueue);
    private readonly long _start = time.GetTimestamp();

    /// <summary>Waits for a join's turn.</summary>
    /// <param name="cancellation">Gives up; the turn is lost.</param>
    /// <returns>Null when it is one's turn; else how long to stay away.</returns>
    public ValueTask<TimeSpan?> EnterAsync(CancellationToken cancellation) => EnterAsync(_joins, cancellation);

    /// <summary>Waits for a resume's turn.</summary>
    /// <param name="isKnown">The session lives in this process.</param>
    /// <param name="cancellation">Gives up; the turn is lost.</param>
    /// <returns>Null when it is one's turn; else how long to stay away.</returns>
    public ValueTask<TimeSpan?> ResumeAsync(bool isKnown, CancellationToken cancellation) => EnterAsync(isKnown ? _resumes : _restores, cancellation);

    private async ValueTask<TimeSpan?> EnterAsync(TurnQueue queue, CancellationToken cancellation)
    {
        TimeSpan wait;
        lock (_gate)
        {
            TimeSpan now = time.GetElapsedTime(_start);
            if (!queue.TryTake(now, out wait)) return wait;
            if (queue == _resumes) _joins.Yield(now, _resumes.Spacing);
        }

        if (wait <= TimeSpan.Zero) return null;
        try
        {
            await Task.Delay(wait, time, cancellation);
            return null;
        }
        finally
        {
            lock (_gate) queue.Leave();
        }
    }
}
