using System.Diagnostics.CodeAnalysis;

namespace Sfu.Security;

/// <summary>The API keys of this server. Immutable: a rotation adds the new key, restarts, and later removes the old one.</summary>
public sealed class ApiKeyRing(IReadOnlyList<ApiKey> keys, bool isDevelopment)
{
    private readonly Dictionary<string, ApiKey> _byName = keys.ToDictionary(key => key.Name, StringComparer.Ordinal);

    /// <summary>All keys, in the order of the configuration.</summary>
    public IReadOnlyList<ApiKey> Keys { get; } = keys;

    /// <summary>No key is configured and the server is on loopback: the only key was generated, and the page may ask for tokens.</summary>
    public bool IsDevelopment { get; } = isDevelopment;

    /// <summary>Finds the key that a token names as its issuer.</summary>
    public bool TryFind(string? name, [NotNullWhen(true)] out ApiKey? key)
    {
        key = null;
        return name is not null && _byName.TryGetValue(name, out key);
    }
}
