using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Sfu.Security;

/// <summary>Makes access tokens in the form that back ends make; used by the development server only.</summary>
public sealed class TokenIssuer(TimeProvider clock)
{
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>Signs a token.</summary>
    /// <param name="key">The key that signs.</param>
    /// <param name="identity">The <c>sub</c>.</param>
    /// <param name="name">Display name.</param>
    /// <param name="lifetime">From now to its end.</param>
    /// <param name="grants">The members of <c>video</c>.</param>
    public string Issue(ApiKey key, string identity, string name, TimeSpan lifetime, IReadOnlyDictionary<string, object> grants)
    {
        long now = clock.GetUtcNow().ToUnixTimeSeconds();
        string claims = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["iss"] = key.Name,
            ["sub"] = identity,
            ["name"] = name,
            ["nbf"] = now,
            ["exp"] = now + (long)lifetime.TotalSeconds,
            ["video"] = grants,
        });
        return _handler.CreateToken(claims, new SigningCredentials(new SymmetricSecurityKey(key.Secret.ToKey()), SecurityAlgorithms.HmacSha256));
    }
}
