using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Checks <see cref="LogOptions"/>.</summary>
internal sealed class LogOptionsValidator : IValidateOptions<LogOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, LogOptions options)
    {
        var problems = new List<string>();
        if (!Enum.IsDefined(options.Format)) problems.Add($"Sfu:Log:Format is {options.Format}; use auto, text or json.");
        if (!Enum.IsDefined(options.Level) || options.Level == LogLevel.None)
        {
            problems.Add($"Sfu:Log:Level is {options.Level}; use trace, debug, information, warning, error or critical.");
        }

        return OptionRules.Result(problems);
    }
}
