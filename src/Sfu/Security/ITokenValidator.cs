namespace Sfu.Security;

/// <summary>Checks access tokens (JWT, HS256) against the configured API keys.</summary>
public interface ITokenValidator
{
    /// <summary>Checks one token; never throws for what a client sends.</summary>
    /// <param name="token">The compact form, without <c>Bearer</c>; hostile.</param>
    Task<TokenOutcome> ValidateAsync(string? token);
}

/// <summary>What became of a token: exactly one of the two is set.</summary>
/// <param name="Token">The token when it is good.</param>
/// <param name="Problem">One sentence for the developer when it is not; tells nothing about keys.</param>
public sealed record TokenOutcome(AccessToken? Token, string? Problem);
