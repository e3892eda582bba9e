using Sfu.Media.Time;

namespace Sfu.Router.KeyFrames;

/// <summary>Merges the key frame requests of many consumers for one encoding into spaced PLIs (RFC 4585 section 6.3.1).</summary>
/// <remarks>Owned by one media worker; does no I/O and reads no clock. A request that came while a PLI is under way is answered by its
/// key frame. When the sender does not answer, it is asked again, each time half a second to a second later, at most
/// <see cref="MaxTries"/> times; the consumers that still wait ask anew with each packet of the encoding.</remarks>
internal sealed class KeyFrameRequester
{
    /// <summary>PLIs without a key frame after which nothing is asked until the next request.</summary>
    internal const int MaxTries = 10;

    /// <summary>Least time between two PLIs (docs/threats.md T13: one per source and 500 ms).</summary>
    internal static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan SlowInterval = TimeSpan.FromSeconds(1);
    private const int QuickTries = 3;

    private MediaTime _notBefore;
    private int _tries;

    /// <summary>A key frame is wanted and has not come.</summary>
    internal bool IsWanted { get; private set; }

    /// <summary>A key frame is wanted.</summary>
    internal void Request()
    {
        if (IsWanted) return;
        IsWanted = true;
        _tries = 0;
    }

    /// <summary>A key frame began.</summary>
    internal void OnKeyFrame() => IsWanted = false;

    /// <summary>Says whether one PLI must go out now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="roundTrip">Round trip to the sender; zero when unknown.</param>
    /// <param name="next">When to ask again.</param>
    internal bool Poll(MediaTime now, TimeSpan roundTrip, out MediaTime next)
    {
        bool send = IsWanted && now >= _notBefore;
        if (send && _tries == MaxTries)
        {
            send = false;
            IsWanted = false;
        }

        if (send)
        {
            TimeSpan interval = _tries++ < QuickTries ? MinInterval : SlowInterval;
            TimeSpan answer = roundTrip * 1.5;             // an answer under way must not be asked for again
            _notBefore = now + (answer > interval ? answer : interval);
        }

        next = IsWanted ? _notBefore : MediaTime.Never;
        return send;
    }
}
