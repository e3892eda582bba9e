namespace Sfu.Verify;

/// <summary>Everything a check found out. Filled by one check; not thread-safe.</summary>
public sealed class Report
{
    /// <summary>Findings that are kept one by one; the verdict counts them all.</summary>
    public const int MaxFindings = 1000;

    private readonly List<Finding> _findings = [];
    private readonly HashSet<string> _tampered = new(StringComparer.Ordinal);

    /// <summary>The worst that applies.</summary>
    public Verdict Verdict { get; private set; } = Verdict.ValidComplete;

    /// <summary>Findings in the order of the check.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Findings beyond the bound.</summary>
    public long FindingsOmitted { get; private set; }

    /// <summary>Id of the recording, or null when it could not be read.</summary>
    public string? Recording { get; internal set; }

    /// <summary>The sealed manifest is there and genuine.</summary>
    public bool IsSealed { get; internal set; }

    /// <summary>Root key whose signature counts: id by its fingerprint.</summary>
    public string? Root { get; internal set; }

    /// <summary>That root was given by who checks, not by the folder.</summary>
    public bool IsRootPinned { get; internal set; }

    /// <summary>Chunks read and found good.</summary>
    public long Chunks { get; internal set; }

    /// <summary>Segments read.</summary>
    public int Segments { get; internal set; }

    /// <summary>Packets that the side indexes count.</summary>
    public long Packets { get; internal set; }

    /// <summary>Packets that are lost.</summary>
    public long LostPackets { get; internal set; }

    /// <summary>Manifests with a good token.</summary>
    public int Attested { get; internal set; }

    /// <summary>Names of the authorities behind those tokens.</summary>
    public SortedSet<string> Authorities { get; } = new(StringComparer.Ordinal);

    /// <summary>Gaps as the sealed manifest lists them.</summary>
    internal IReadOnlyList<GapLine> Gaps { get; set; } = [];

    /// <summary>Gaps that the sealed manifest leaves out.</summary>
    public long GapsOmitted { get; internal set; }

    /// <summary>Adds a finding.</summary>
    internal void Add(Verdict verdict, string code, string name, string detail, ulong? chunk = null, long? offset = null)
    {
        Verdict = Verdicts.Worse(Verdict, verdict);
        if (verdict == Verdict.Tampered) _tampered.Add(name);
        if (_findings.Count < MaxFindings) _findings.Add(new Finding(code, verdict, name, chunk, offset, detail));
        else FindingsOmitted++;
    }

    /// <summary>True when a file is known to be changed: what else looks wrong about it is no news.</summary>
    internal bool IsTampered(string name) => _tampered.Contains(name);
}
