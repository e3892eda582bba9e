using Sfu.Media.Time;

namespace Sfu.Router.Overload;

/// <summary>How long a datagram can have waited in the socket at most: since the socket was last seen empty.</summary>
/// <remarks>Owned by one media worker; told the times. The kernel's own time stamps would say it exactly, for 50 ns a datagram
/// (docs/performance.md, section Overload).</remarks>
internal sealed class SocketAge(MediaTime start)
{
    // A wait that took longer did block, so nothing was there before its end; shorter ones may just have been system calls.
    private static readonly TimeSpan Blocked = TimeSpan.FromMicroseconds(50);

    private MediaTime _emptyAt = start;

    /// <summary>The worker waited for its sockets.</summary>
    /// <param name="from">Before the call.</param>
    /// <param name="to">After it.</param>
    /// <param name="mayBlock">False when it only looked.</param>
    internal void OnWaited(MediaTime from, MediaTime to, bool mayBlock)
    {
        if (mayBlock && to - from > Blocked) _emptyAt = to;
    }

    /// <summary>The longest that a datagram taken now can have waited.</summary>
    internal TimeSpan Oldest(MediaTime now) => now - _emptyAt;

    /// <summary>The socket had less than it was asked for.</summary>
    internal void OnEmpty(MediaTime now) => _emptyAt = now;
}
