using System.Security.Cryptography;
using Sfu.Recorder.Keys;

namespace Sfu.Recorder.Segments;

/// <summary>Plain keys for reading some chunks; zeroed at the end.</summary>
/// <remarks>Owned by one thread.</remarks>
/// <param name="vault">Wrapped keys.</param>
/// <param name="kek">Unwraps them.</param>
internal sealed class KeyRing(IKeyVault vault, IKeyEncryptionKey kek) : IDisposable
{
    private readonly Dictionary<TrackKeyId, byte[]> _keys = [];

    /// <summary>Finds a key; false when the vault has none or it does not open.</summary>
    internal bool TryGet(TrackKeyId id, out ReadOnlySpan<byte> key)
    {
        if (!_keys.TryGetValue(id, out byte[]? known))
        {
            known = new byte[TrackKeyId.KeySize];
            if (vault.Find(id) is not { } wrapped || !kek.TryUnwrap(id, wrapped.Wrapped.Span, known))
            {
                key = default;
                return false;
            }

            _keys.Add(id, known);
        }

        key = known;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (byte[] key in _keys.Values) CryptographicOperations.ZeroMemory(key);
        _keys.Clear();
    }
}
