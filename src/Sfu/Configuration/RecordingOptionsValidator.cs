using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Checks <see cref="RecordingOptions"/>.</summary>
internal sealed class RecordingOptionsValidator : IValidateOptions<RecordingOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RecordingOptions options)
    {
        var problems = new List<string>();
        if (options.Policy is not ("off" or "best_effort" or "required"))
            problems.Add($"Sfu:Recording:Policy is '{options.Policy}'; use off, best_effort or required.");
        if (options.Consent is not ("none" or "first")) problems.Add($"Sfu:Recording:Consent is '{options.Consent}'; use none or first.");
        OptionRules.Range(problems, "Sfu:Recording:SyncInterval", options.SyncInterval, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(5));
        OptionRules.Range(problems, "Sfu:Recording:DerivationPatience", options.DerivationPatience, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        OptionRules.Range(problems, "Sfu:Recording:LogFileSize", options.LogFileSize, 256L << 10, 1L << 30);
        CheckAuthority(options, problems);
        return OptionRules.Result(problems);
    }

    private static void CheckAuthority(RecordingOptions options, List<string> problems)
    {
        if (options.TimeStampAuthority.Length == 0) return;
        if (!Uri.TryCreate(options.TimeStampAuthority, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            problems.Add($"Sfu:Recording:TimeStampAuthority is '{options.TimeStampAuthority}'; use an http or https address.");
        if (!File.Exists(options.TimeStampCertificates))
            problems.Add($"Sfu:Recording:TimeStampCertificates is '{options.TimeStampCertificates}'; name the file with the authority's certificates (PEM).");
    }
}
