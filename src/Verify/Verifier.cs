using System.Globalization;
using System.Text.RegularExpressions;

namespace Sfu.Verify;

/// <summary>Checks the folder of one recording (docs/evidence.md). Reads only; needs no network, no server and no key but public ones.</summary>
public static partial class Verifier
{
    private static readonly string[] KnownFiles =
    [
        "keys.json", "keys.json.sig", "root.pem", "tsa.pem", "README-verify.txt", Sums.Name, Sums.SignatureName, SealedCheck.Name, SealedCheck.Name + ".sig",
        SealedCheck.Name + ".tsr",
    ];

    /// <summary>Runs all checks. Whatever the folder holds, this returns a report.</summary>
    /// <param name="folder">The recording's folder, or a copy of it.</param>
    /// <param name="rootPem">The root that who checks trusts; null to see only whether the folder agrees with itself.</param>
    /// <param name="authoritiesPem">Time-stamp authorities that who checks trusts; null for those of the folder.</param>
    public static Report Run(string folder, byte[]? rootPem = null, byte[]? authoritiesPem = null)
    {
        var report = new Report();
        var files = new Evidence(folder, report);
        if (!Directory.Exists(folder)) report.Add(Verdict.InputError, "no_recording", "", "there is no such folder");
        else if (files.List()) Check(files, report, rootPem, authoritiesPem);
        return report;
    }

    private static void Check(Evidence files, Report report, byte[]? rootPem, byte[]? authoritiesPem)
    {
        Dictionary<string, SortedSet<long>> nodes = Nodes(files);
        if (nodes.Count == 0 && !files.Has("keys.json") && !files.Has(SealedCheck.Name))
        {
            report.Add(Verdict.InputError, "no_recording", "", "there is no recording in this folder");
            return;
        }
        using var signatures = new Signatures(files, report);
        using var tokens = new Tokens(files, report);
        signatures.Load(rootPem);
        tokens.Load(authoritiesPem);
        var seal = new SealedCheck(files, report, signatures, tokens);
        SealedFile? sealedFile = seal.Load();
        if (sealedFile is not null)
        {
            var (chain, recount) = (new ChainState(), new Recount());
            CheckSealed(sealedFile, files, new SegmentCheck(files, report, signatures, tokens, chain, recount));
            report.Packets = recount.Packets;
            seal.Compare(sealedFile, chain, recount);
            ReportGivenUp(report, recount);
        }
        else
        {
            foreach ((string node, SortedSet<long> numbers) in nodes.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            {
                var (chain, recount) = (new ChainState(), new Recount());
                CheckUnsealed(node, numbers, report, new SegmentCheck(files, report, signatures, tokens, chain, recount));
                report.Packets += recount.Packets;
                ReportGivenUp(report, recount);
            }
        }
        signatures.CheckSums(name => name.EndsWith(".sfuj", StringComparison.Ordinal));
        signatures.CheckRemovedSegmentFiles();
        CheckNames(files, report, nodes, sealedFile);
    }

    private static void ReportGivenUp(Report report, Recount recount)
    {
        if (recount.IsGivenUp) report.Add(Verdict.InputError, "too_large", "seg", "more streams or holes than memory is spent on: packets were not recounted");
    }

    private static void CheckSealed(SealedFile manifest, Evidence files, SegmentCheck check)
    {
        int last = manifest.Segments.Count - 1;
        while (last >= 0 && !IsThere(files, manifest.Segments[last])) last--;
        for (int i = 0; i < manifest.Segments.Count; i++)
        {
            SegmentLine line = manifest.Segments[i];
            check.Run(line.Node, line.No, line, i < last ? Place.Within : i == last ? Place.Last : Place.Gone);
        }
    }

    private static bool IsThere(Evidence files, SegmentLine line)
    {
        string stem = SegmentCheck.Stem(line.Node, line.No);
        return files.Has(stem + ".json") || files.Has(stem + ".sfuj");
    }

    private static void CheckUnsealed(string node, SortedSet<long> numbers, Report report, SegmentCheck check)
    {
        long expected = 1;
        foreach (long no in numbers)
        {
            if (no > expected) check.Run(node, expected, null, Place.Within);      // one finding for a hole, however wide
            check.Run(node, no, null, no == numbers.Max ? Place.Last : Place.Within);
            expected = no + 1;
        }
    }

    /// <summary>Segments of which chunks or manifest are there, by node.</summary>
    private static Dictionary<string, SortedSet<long>> Nodes(Evidence files)
    {
        var nodes = new Dictionary<string, SortedSet<long>>(StringComparer.Ordinal);
        foreach (string name in files.Names)
        {
            if (SegmentName().Match(name) is not { Success: true } match || match.Groups[3].Value is not ("sfuj" or "json")) continue;
            if (!nodes.TryGetValue(match.Groups[1].Value, out SortedSet<long>? numbers)) nodes.Add(match.Groups[1].Value, numbers = []);
            numbers.Add(Number(match));
        }
        return nodes;
    }

    private static void CheckNames(Evidence files, Report report, Dictionary<string, SortedSet<long>> nodes, SealedFile? sealedFile)
    {
        HashSet<(string, long)>? known = sealedFile?.Segments.Select(line => (line.Node, line.No)).ToHashSet();
        foreach (string name in files.Names)
        {
            if (report.IsTampered(name) || KnownFiles.Contains(name) || name.StartsWith("keys/", StringComparison.Ordinal)) continue;
            if (name.EndsWith(".tmp", StringComparison.Ordinal))
            {
                report.Add(Verdict.ValidComplete, "temporary_file", name, "left by a crash; no evidence");
                continue;
            }
            Match match = SegmentName().Match(name);
            bool isExpected = match.Success && (known?.Contains((match.Groups[1].Value, Number(match))) ?? IsPlausible(match, files, nodes));
            if (!isExpected) report.Add(Verdict.Tampered, "unexpected_file", name, "no recorder writes such a file here");
        }
    }

    /// <summary>A signature comes before its manifest: the last one may be without. A token never is.</summary>
    private static bool IsPlausible(Match match, Evidence files, Dictionary<string, SortedSet<long>> nodes)
    {
        if (match.Groups[3].Value is "sfuj" or "json") return true;
        string json = SegmentCheck.Stem(match.Groups[1].Value, Number(match)) + ".json";
        bool isBehind = !nodes.TryGetValue(match.Groups[1].Value, out SortedSet<long>? numbers) || Number(match) >= numbers.Max;
        return files.Has(json) || isBehind && match.Groups[3].Value == "json.sig";
    }

    private static long Number(Match match) => long.Parse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^seg/([A-Za-z0-9._-]{1,200})/seg-([0-9]{6}|[1-9][0-9]{6,11})\.(sfuj|json|json\.sig|json\.tsr)\z", RegexOptions.CultureInvariant)]
    private static partial Regex SegmentName();
}
