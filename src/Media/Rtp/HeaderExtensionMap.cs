namespace Sfu.Media.Rtp;

/// <summary>Negotiated header extension ids of one m-section: id (1 to 255) to kind and back. Immutable once built.</summary>
public sealed class HeaderExtensionMap
{
    private readonly HeaderExtensionKind[] _kinds = new HeaderExtensionKind[256];
    private readonly byte[] _ids = new byte[(int)HeaderExtensionKind.DependencyDescriptor + 1];

    /// <summary>No extension negotiated.</summary>
    public static HeaderExtensionMap Empty { get; } = new([]);

    /// <summary>Builds the map; a later entry of the same kind or id is ignored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is 0.</exception>
    public HeaderExtensionMap(IEnumerable<KeyValuePair<byte, HeaderExtensionKind>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach ((byte id, HeaderExtensionKind kind) in entries)
        {
            ArgumentOutOfRangeException.ThrowIfZero(id);
            if (kind == HeaderExtensionKind.Unknown || _kinds[id] != HeaderExtensionKind.Unknown || _ids[(int)kind] != 0) continue;
            _kinds[id] = kind;
            _ids[(int)kind] = id;
        }
    }

    /// <summary>The meaning of an id on the wire.</summary>
    public HeaderExtensionKind KindOf(byte id) => _kinds[id];

    /// <summary>The id to write for a kind, or 0 when it was not negotiated.</summary>
    public byte IdOf(HeaderExtensionKind kind) => _ids[(int)kind];
}
