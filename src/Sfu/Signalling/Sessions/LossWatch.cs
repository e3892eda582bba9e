using Sfu.Rooms;

namespace Sfu.Signalling.Sessions;

/// <summary>Decides when a participant whose socket is lost is gone (docs/signalling.md section 8). Told the time; does no I/O.</summary>
/// <param name="silence">After how much silence on both paths it is gone.</param>
/// <param name="window">How long the session outlives its socket while media flows.</param>
/// <remarks>Owned by one session; not thread-safe. Times are of one monotonic clock.</remarks>
internal sealed class LossWatch(TimeSpan silence, TimeSpan window)
{
    private TimeSpan? _lostAt;
    private TimeSpan _lastFrameAt;
    private TimeSpan _lastMediaAt = TimeSpan.MinValue;
    private bool _isMediaConnected;
    private bool _isClosedByClient;

    /// <summary>A socket is there.</summary>
    public void SocketAttached() => _lostAt = null;

    /// <summary>The socket is gone.</summary>
    /// <param name="now">The time.</param>
    /// <param name="lastFrameAt">When the last frame came over it.</param>
    public void SocketLost(TimeSpan now, TimeSpan lastFrameAt) => (_lostAt, _lastFrameAt) = (now, lastFrameAt);

    /// <summary>Media flows.</summary>
    public void MediaConnected() => (_isMediaConnected, _isClosedByClient) = (true, false);

    /// <summary>The media path ended.</summary>
    /// <param name="now">The time.</param>
    /// <param name="reason">As <see cref="Nodes.IMediaSessionSink.OnMediaClosed"/>.</param>
    public void MediaClosed(TimeSpan now, string reason)
    {
        (_isMediaConnected, _isClosedByClient) = (false, reason == "closed_by_client");
        // A time-out says that nothing came for the silence time already.
        _lastMediaAt = reason is "timeout" or "ice_timeout" ? now - silence : now;
    }

    /// <summary>Whether the participant is gone.</summary>
    /// <param name="now">The time.</param>
    /// <param name="next">When to ask again; null when only another input can change the answer.</param>
    /// <returns>Why it leaves, or null while it stays.</returns>
    public LeaveReason? Poll(TimeSpan now, out TimeSpan? next)
    {
        next = null;
        if (_lostAt is not { } lostAt) return null;
        if (_isClosedByClient) return LeaveReason.ClientLeft;
        TimeSpan until = lostAt + window;
        if (!_isMediaConnected)
        {
            TimeSpan quietSince = _lastMediaAt > _lastFrameAt ? _lastMediaAt : _lastFrameAt;
            if (quietSince + silence < until) until = quietSince + silence;
        }

        if (now >= until) return LeaveReason.Timeout;
        next = until;
        return null;
    }
}
