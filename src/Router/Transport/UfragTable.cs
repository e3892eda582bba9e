using System.Text;

namespace Sfu.Router.Transport;

/// <summary>Our ICE user name fragments to transport slots; looking up allocates nothing and costs a stranger's packet a keyed hash.</summary>
/// <remarks>Owned by one media worker; changed by commands only.</remarks>
internal sealed class UfragTable
{
    private const int MaxUfrag = 256;                      // ice-ufrag, RFC 8839 section 5.4

    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);

    /// <summary>Adds a fragment; false when a transport has it already.</summary>
    internal bool TryAdd(string ufrag, int slot) => _slots.TryAdd(ufrag, slot);

    /// <summary>Removes a fragment.</summary>
    internal void Remove(string ufrag) => _slots.Remove(ufrag);

    /// <summary>The slot of the transport that owns a fragment, or -1.</summary>
    internal int Find(ReadOnlySpan<byte> ufrag)
    {
        if (ufrag.Length > MaxUfrag) return -1;
        Span<char> text = stackalloc char[MaxUfrag];
        int length = Encoding.Latin1.GetChars(ufrag, text);
        return _slots.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out int slot) ? slot : -1;
    }
}
