using Sfu.Rooms;

namespace Sfu.Security;

/// <summary>What a configured API key must be like (docs/threats.md T34): a weak or sample secret stops the start.</summary>
public static class ApiKeyRules
{
    /// <summary>Fewest different characters of a secret: a typed pattern has fewer, 32 random hexadecimal ones practically never.</summary>
    private const int MinDistinctCharacters = 8;

    private static readonly string[] SampleWords =
        ["changeme", "change-me", "change_me", "example", "password", "passw0rd", "secretsecret", "yoursecret", "your-secret", "your_secret",
         "mysecret", "my-secret", "my_secret", "supersecret", "super-secret", "replace", "insert", "placeholder", "devsecret", "testsecret",
         "0123456789abcdef0123456789abcdef", "0123456789012345678901234567890", "abcdefghijklmnopqrstuvwxyz", "12345678901234567890"];

    /// <summary>One sentence that says what is wrong, without the secret; null when the key is good.</summary>
    public static string? Check(ApiKey key)
    {
        string at = $"Sfu:ApiKeys:{key.Name}";
        if (!Names.IsValid(key.Name, ApiKey.MaxNameLength)) return $"{at}: a key's name is 1 to {ApiKey.MaxNameLength} of A-Z, a-z, 0-9, '.', '_', '-'.";
        if (!Names.IsValid(key.Tenant, RoomKey.MaxTenantLength)) return $"{at}:Tenant is 1 to {RoomKey.MaxTenantLength} of A-Z, a-z, 0-9, '.', '_', '-'.";
        if (key.Secret.Length == 0) return $"{at} has no secret; make one with: openssl rand -hex 32.";
        if (key.Secret.Length < ApiKey.MinSecretLength)
        {
            return $"{at}: the secret has {key.Secret.Length} characters; use at least {ApiKey.MinSecretLength}, for example from: openssl rand -hex 32.";
        }

        return IsSample(key.Secret.Reveal()) ? $"{at}: the secret is a sample or a pattern; make one with: openssl rand -hex 32." : null;
    }

    private static bool IsSample(string secret) =>
        secret.Distinct().Count() < MinDistinctCharacters
        || SampleWords.Any(word => secret.Contains(word, StringComparison.OrdinalIgnoreCase));
}
