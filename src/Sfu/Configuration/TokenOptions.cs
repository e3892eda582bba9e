namespace Sfu.Configuration;

/// <summary>Access tokens: section <c>Sfu:Tokens</c>.</summary>
public sealed class TokenOptions
{
    /// <summary>Section of these options.</summary>
    public const string Section = "Sfu:Tokens";

    /// <summary>Longest life of a token, from its <c>nbf</c> (or <c>iat</c>) to its <c>exp</c>. 1 min to 30 d; default 24 h.</summary>
    public TimeSpan MaxLifetime { get; set; } = TimeSpan.FromHours(24);
}
