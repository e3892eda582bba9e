using Sfu.Media.Rtp;

namespace Sfu.Router.Producers;

/// <summary>What the SSRCs of one transport are: at most 64, listed in the offer or learnt from authenticated packets (docs/threats.md T12).</summary>
/// <remarks>Owned by one transport. A handful of entries: a scan is faster than a hash.</remarks>
internal sealed class SsrcTable
{
    /// <summary>SSRCs at most, as many as SRTP keeps state for.</summary>
    internal const int Capacity = 64;

    private const int FirstCapacity = 8;

    private uint[] _ssrcs = [];
    private SsrcBinding[] _bindings = [];
    private int _count;

    /// <summary>Finds what an SSRC is.</summary>
    internal bool TryFind(Ssrc ssrc, out SsrcBinding binding)
    {
        int at = _ssrcs.AsSpan(0, _count).IndexOf(ssrc.Value);
        binding = at < 0 ? default : _bindings[at];
        return at >= 0;
    }

    /// <summary>Says what an SSRC is from now on; false when the table is full.</summary>
    internal bool TrySet(Ssrc ssrc, SsrcBinding binding)
    {
        int at = _ssrcs.AsSpan(0, _count).IndexOf(ssrc.Value);
        if (at < 0)
        {
            if (_count == Capacity) return false;
            if (_count == _ssrcs.Length) Grow();
            at = _count++;
        }

        _ssrcs[at] = ssrc.Value;
        _bindings[at] = binding;
        return true;
    }

    /// <summary>Forgets everything that leads to a stream.</summary>
    internal void Remove(RtpStream stream)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_bindings[i].Stream != stream) continue;
            _count--;
            _ssrcs[i] = _ssrcs[_count];
            _bindings[i] = _bindings[_count];
            _bindings[_count] = default;
        }
    }

    // Who only receives sends nothing on any SSRC.
    private void Grow()
    {
        int length = Math.Min(Capacity, Math.Max(FirstCapacity, _count * 2));
        Array.Resize(ref _ssrcs, length);
        Array.Resize(ref _bindings, length);
    }
}

/// <summary>What an SSRC is.</summary>
/// <param name="Stream">The stream it carries or repairs.</param>
/// <param name="IsRtx">It repairs the stream (RFC 4588).</param>
internal readonly record struct SsrcBinding(RtpStream Stream, bool IsRtx);
