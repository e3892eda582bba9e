using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sfu.Configuration;

namespace Sfu.Security;

/// <summary>Checks access tokens: signature and algorithm by Microsoft.IdentityModel, the rest strictly by <see cref="TokenReader"/>
/// (docs/threats.md T25: HS256 only, expiry required, 5 s of skew, duplicate members refused, the tenant comes from the key).</summary>
public sealed class TokenValidator(ApiKeyRing keys, IOptions<TokenOptions> options, TimeProvider clock) : ITokenValidator
{
    /// <summary>Longest compact token, in characters; a token with 2 KiB of metadata in four-byte characters fits.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>How much clocks may differ.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(5);

    /// <summary>Issuers date <c>nbf</c> back against skew of their own; the lifetime is not held against them for that.</summary>
    private static readonly TimeSpan Backdating = TimeSpan.FromMinutes(1);

    /// <summary>One sentence for an unknown key and for a wrong signature: a stranger learns nothing about the keys.</summary>
    private const string NotSigned = "The token is not signed by a key of this server: iss must name the API key and its secret must sign, with HS256.";

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxLength };
    private readonly Dictionary<string, TokenValidationParameters> _parameters =
        keys.Keys.ToDictionary(key => key.Name, ParametersOf, StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<TokenOutcome> ValidateAsync(string? token)
    {
        if (string.IsNullOrEmpty(token)) return Refuse("The token is missing.");
        if (token.Length > MaxLength) return Refuse($"The token is longer than {MaxLength} characters.");
        if (!TokenReader.TryRead(token, out TokenReader? reader, out string? problem)) return Refuse(problem);
        if (!keys.TryFind(reader.Issuer, out ApiKey? key)) return Refuse(NotSigned);
        if (reader.KeyId is not null && reader.KeyId != key.Name) return Refuse("The token's kid differs from its iss.");

        TokenValidationResult result = await _handler.ValidateTokenAsync(token, _parameters[key.Name]).ConfigureAwait(false);
        if (!result.IsValid) return Refuse(NotSigned);

        return CheckTimes(reader) is { } late ? Refuse(late) : reader.ToToken(key);
    }

    private static TokenValidationParameters ParametersOf(ApiKey key) => new()
    {
        IssuerSigningKey = new SymmetricSecurityKey(key.Secret.ToKey()) { KeyId = key.Name },
        TryAllIssuerSigningKeys = true, // there is exactly one: the issuer's own; LiveKit tokens carry no kid
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        ValidIssuer = key.Name,
        RequireSignedTokens = true,
        ValidateIssuerSigningKey = true,
        ValidateAudience = false, // the form of LiveKit's SDKs has none
        ValidateLifetime = false, // by CheckTimes, with the injected clock and our skew
    };

    private string? CheckTimes(TokenReader token)
    {
        DateTimeOffset now = clock.GetUtcNow();
        if (token.ExpiresAt is not { } expires) return "The token has no expiry (exp).";
        if (now > expires + Skew) return "The token has expired.";
        if (now < token.NotBefore - Skew) return "The token is not valid yet (nbf).";
        if (now < token.IssuedAt - Skew) return "The token was issued in the future (iat).";

        DateTimeOffset begin = token.NotBefore ?? token.IssuedAt ?? now;
        TimeSpan longest = options.Value.MaxLifetime;
        return expires - begin > longest + Backdating || expires - now > longest + Skew
            ? $"The token lives longer than this server allows ({longest.TotalHours:0.##} h)."
            : null;
    }

    private static TokenOutcome Refuse(string problem) => new(null, problem);
}
