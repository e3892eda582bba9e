using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Checks <see cref="ServerOptions"/>.</summary>
internal sealed class ServerOptionsValidator : IValidateOptions<ServerOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        var problems = new List<string>();
        if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            problems.Add("Sfu:DataDirectory is empty and this user has no home; set it to a folder that the server may write.");
        }
        else if (File.Exists(options.DataDirectory))
        {
            problems.Add($"Sfu:DataDirectory is '{options.DataDirectory}', which is a file; name a folder.");
        }

        OptionRules.Range(problems, "Sfu:ShutdownTimeout", options.ShutdownTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        return OptionRules.Result(problems);
    }
}
