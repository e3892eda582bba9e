using Sfu.Media.Rtp;

namespace Sfu.Media.Audio;

/// <summary>The spans that one packet made, in order.</summary>
internal sealed class AudioSpanQueue
{
    // Before each block of a redundant payload two fillers at most, and the block itself.
    private readonly Entry[] _entries = new Entry[3 * (RedPayload.MaxBlocks + 1)];
    private int _first;
    private int _count;

    /// <summary>A span and where its bytes are.</summary>
    /// <param name="Info">The span.</param>
    /// <param name="PayloadAt">Where its bytes begin, in the packet or in the noise description.</param>
    /// <param name="PayloadLength">How many they are.</param>
    public readonly record struct Entry(AudioSpanInfo Info, int PayloadAt, int PayloadLength);

    /// <summary>All were taken.</summary>
    public bool IsEmpty => _first == _count;

    /// <summary>Adds a span of the packet.</summary>
    public void Add(in AudioSpanInfo info, int payloadAt, int payloadLength)
    {
        if (IsEmpty) _first = _count = 0;
        _entries[_count++] = new Entry(info, payloadAt, payloadLength);
    }

    /// <summary>Takes the next span; only when there is one.</summary>
    public Entry Take() => _entries[_first++];
}
