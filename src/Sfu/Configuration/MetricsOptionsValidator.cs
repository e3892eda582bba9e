using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Checks <see cref="MetricsOptions"/>: a network of everybody is refused (docs/threats.md T33, 9.5).</summary>
internal sealed class MetricsOptionsValidator : IValidateOptions<MetricsOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, MetricsOptions options)
    {
        var problems = new List<string>();
        Networks.Check(options.AllowedNetworks, "Sfu:Metrics:AllowedNetworks", problems);
        problems.AddRange(options.AllowedNetworks
            .Where(text => Networks.TryParse(text, out System.Net.IPNetwork? network) && network.Value.PrefixLength == 0)
            .Select(text => $"Sfu:Metrics:AllowedNetworks has {text}, which is everybody; name the networks of your Prometheus."));
        return OptionRules.Result(problems);
    }
}
