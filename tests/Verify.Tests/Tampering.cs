namespace Sfu.Verify.Tests;

/// <summary>What a tampering must lead to.</summary>
/// <param name="What">For messages.</param>
/// <param name="Allowed">Verdicts that find it.</param>
/// <param name="Objects">Files of which at least one has to be named.</param>
/// <param name="Chunk">Chunk that has to be named with it, where one can be.</param>
internal sealed record Tampering(string What, Verdict[] Allowed, string[] Objects, ulong? Chunk = null)
{
    public static readonly Verdict[] Changed = [Verdict.Tampered];
    public static readonly Verdict[] ChangedOrUnknown = [Verdict.Tampered, Verdict.UnknownKey];
    public static readonly Verdict[] Cut = [Verdict.Truncated];

    /// <summary>What is wrong with a report, or null.</summary>
    public string? Problem(Report report)
    {
        if (!Allowed.Contains(report.Verdict)) return $"{What}: {report.Verdict.Name()}";
        Finding[] named = [.. report.Findings.Where(finding => Objects.Contains(finding.File) && finding.Verdict != Verdict.ValidComplete)];
        if (named.Length == 0) return $"{What}: no finding names {string.Join(" or ", Objects)}";
        return Chunk is null || named.Any(finding => finding.Chunk == Chunk) ? null : $"{What}: chunk {Chunk} is not named";
    }
}
