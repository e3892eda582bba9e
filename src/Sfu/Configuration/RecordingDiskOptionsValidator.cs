using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Checks <see cref="RecordingDiskOptions"/>.</summary>
internal sealed class RecordingDiskOptionsValidator : IValidateOptions<RecordingDiskOptions>
{
    /// <summary>1 EiB: more than any disk has, and far from where sums overflow.</summary>
    private const long MostBytes = 1L << 60;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RecordingDiskOptions options)
    {
        var problems = new List<string>();
        string none = Of(nameof(options.NoDerivationsAbove)), noNew = Of(nameof(options.NoNewRecordingsAbove)), closed = Of(nameof(options.ClosedAbove));
        OptionRules.Range(problems, none, options.NoDerivationsAbove, 0.01, 1);
        OptionRules.Range(problems, noNew, options.NoNewRecordingsAbove, 0.01, 1);
        OptionRules.Range(problems, closed, options.ClosedAbove, 0.01, 1);
        if (options.NoDerivationsAbove > options.NoNewRecordingsAbove) problems.Add($"{none} is above {noNew}; playable files give way to new recordings.");
        if (options.NoNewRecordingsAbove > options.ClosedAbove) problems.Add($"{noNew} is above {closed}; new recordings give way to those that are open.");

        (none, noNew, closed) = (Of(nameof(options.NoDerivationsBelow)), Of(nameof(options.NoNewRecordingsBelow)), Of(nameof(options.ClosedBelow)));
        OptionRules.Range(problems, none, options.NoDerivationsBelow, 0, MostBytes);
        OptionRules.Range(problems, noNew, options.NoNewRecordingsBelow, 0, MostBytes);
        OptionRules.Range(problems, closed, options.ClosedBelow, 0, MostBytes);
        if (options.NoDerivationsBelow < options.NoNewRecordingsBelow) problems.Add($"{none} is below {noNew}; playable files give way to new recordings.");
        if (options.NoNewRecordingsBelow < options.ClosedBelow) problems.Add($"{noNew} is below {closed}; new recordings give way to those that are open.");
        return OptionRules.Result(problems);
    }

    private static string Of(string option) => $"{RecordingDiskOptions.Section}:{option}";
}
