using Sfu.Media.Time;

namespace Sfu.Router.KeyFrames;

/// <summary>How many key frames one viewer may ask of one source: three in ten seconds (docs/threats.md T13).</summary>
/// <remarks>Owned by one consumer. A request over the limit is dropped: a decoder that really waits repeats it.</remarks>
internal sealed class ViewerRequestLimit
{
    private const int PerWindow = 3;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly MediaTime[] _taken = new MediaTime[PerWindow];
    private int _count;

    /// <summary>Takes one request.</summary>
    internal bool TryTake(MediaTime now)
    {
        ref MediaTime oldest = ref _taken[_count % PerWindow];
        if (_count >= PerWindow && now - oldest < Window) return false;
        oldest = now;
        _count = _count + 1 == 2 * PerWindow ? PerWindow : _count + 1;
        return true;
    }
}
