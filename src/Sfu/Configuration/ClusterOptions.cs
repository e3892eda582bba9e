namespace Sfu.Configuration;

/// <summary>How this process works with others: section <c>Sfu:Cluster</c>.</summary>
public sealed class ClusterOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Sfu:Cluster";

    /// <summary>The only mode there is so far: one process, membership on loopback, SQLite in the data directory.</summary>
    public const string Embedded = "embedded";

    /// <summary>Where membership, room state, log and indexes live. Only <c>embedded</c> is supported; default <c>embedded</c>.</summary>
    public string Mode { get; set; } = Embedded;
}
