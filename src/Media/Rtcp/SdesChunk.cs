using Sfu.Media.Rtp;

namespace Sfu.Media.Rtcp;

/// <summary>One source and its description items, in place; bounds were checked by <see cref="SourceDescription"/>.</summary>
public readonly ref struct SdesChunk
{
    private readonly ReadOnlySpan<byte> _items;

    internal SdesChunk(Ssrc ssrc, ReadOnlySpan<byte> items)
    {
        Ssrc = ssrc;
        _items = items;
    }

    /// <summary>The source.</summary>
    public Ssrc Ssrc { get; }

    /// <summary>Finds the first item of a type; <paramref name="text"/> is 0 to 255 bytes of UTF-8 that nobody checked.</summary>
    public bool TryGet(SdesItemType type, out ReadOnlySpan<byte> text)
    {
        text = default;
        for (ReadOnlySpan<byte> rest = _items; !rest.IsEmpty; rest = rest[(2 + rest[1])..])
        {
            if (rest[0] != (byte)type) continue;
            text = rest.Slice(2, rest[1]);
            return true;
        }
        return false;
    }
}
