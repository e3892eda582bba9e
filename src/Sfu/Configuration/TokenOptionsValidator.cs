using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Checks <see cref="TokenOptions"/>.</summary>
internal sealed class TokenOptionsValidator : IValidateOptions<TokenOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, TokenOptions options)
    {
        var problems = new List<string>();
        OptionRules.Range(problems, "Sfu:Tokens:MaxLifetime", options.MaxLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
        return OptionRules.Result(problems);
    }
}
