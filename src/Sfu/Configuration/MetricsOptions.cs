namespace Sfu.Configuration;

/// <summary>Who may read <c>/metrics</c>: section <c>Sfu:Metrics</c>.</summary>
public sealed class MetricsOptions
{
    /// <summary>Section of these options.</summary>
    public const string Section = "Sfu:Metrics";

    /// <summary>Networks (CIDR) that may read <c>/metrics</c>, separated by commas; at most 32. Default: loopback only.</summary>
    public IList<string> AllowedNetworks { get; } = [];
}
