using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Checks <see cref="RecordingOptions"/>.</summary>
internal sealed class RecordingOptionsValidator : IValidateOptions<RecordingOptions>
{
    /// <summary>This build has a recorder. The one place that says so.</summary>
    private const bool CanRecord = false;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RecordingOptions options)
    {
        if (options.Consent is not ("none" or "first"))
            return ValidateOptionsResult.Fail($"Sfu:Recording:Consent is '{options.Consent}'; use none or first.");
        return options.Policy switch
        {
            "off" => ValidateOptionsResult.Success,
            "required" or "best_effort" => CanRecord
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"Sfu:Recording:Policy is {options.Policy}, but this version cannot record; set off, or use a version that records."),
            _ => ValidateOptionsResult.Fail($"Sfu:Recording:Policy is '{options.Policy}'; use off, best_effort or required."),
        };
    }
}
