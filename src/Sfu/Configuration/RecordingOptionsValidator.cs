using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Checks <see cref="RecordingOptions"/>.</summary>
internal sealed class RecordingOptionsValidator : IValidateOptions<RecordingOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RecordingOptions options) => options.Policy switch
    {
        "off" => ValidateOptionsResult.Success,
        "required" or "best_effort" => ValidateOptionsResult.Fail(
            $"Sfu:Recording:Policy is {options.Policy}, but this version cannot record; set off, or use a version that records."),
        _ => ValidateOptionsResult.Fail($"Sfu:Recording:Policy is '{options.Policy}'; use off, best_effort or required."),
    };
}
