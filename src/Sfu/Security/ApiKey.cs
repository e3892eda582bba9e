namespace Sfu.Security;

/// <summary>A back end's key: it signs tokens, and its tenant owns the rooms they name.</summary>
/// <param name="Name">The <c>iss</c> of its tokens: 1 to 64 of <c>A-Za-z0-9._-</c>; not secret.</param>
/// <param name="Secret">HS256 key, at least 32 characters.</param>
/// <param name="Tenant">Whose rooms it opens.</param>
public sealed record ApiKey(string Name, Secret Secret, string Tenant)
{
    /// <summary>The tenant of keys that name none.</summary>
    public const string DefaultTenant = "default";

    /// <summary>Shortest secret, in characters (RFC 7518 section 3.2: as long as the hash).</summary>
    public const int MinSecretLength = 32;

    /// <summary>Longest name, in characters.</summary>
    public const int MaxNameLength = 64;
}
