namespace Sfu.Verify;

/// <summary>The command line of sfu-verify.</summary>
public static class Program
{
    private const int MaxPem = 1 << 20;

    private const string Help = """
        usage: sfu-verify FOLDER [--root root.pem] [--tsa tsa.pem] [--json]

        Checks the recording in FOLDER, or in a copy of it, offline.
          --root FILE   public root key of the tenant, got from the tenant and not from FOLDER
          --tsa FILE    certificates of the time-stamp authorities to trust, instead of those in FOLDER
          --json        report for programs
          --help        this text

        Exit codes, the worst that applies in this order:
          7  INPUT_ERROR           no recording can be found, or a file cannot be read
          3  TAMPERED              something was changed, swapped, added or removed: see object, chunk and offset
          4  UNKNOWN_KEY           a signer is not in keys.json, or its root is not the pinned one
          2  TRUNCATED             all that is there is genuine, but the end is missing
          5  TIME_UNATTESTED       a time-stamp token is missing, or nobody here knows its authority
          6  REDACTED_AS_DECLARED  parts were erased, as the manifest declares
          1  VALID_WITH_GAPS       genuine and sealed; packets are missing, and listed
          0  VALID_COMPLETE        genuine and sealed, nothing is missing

        """;

    /// <summary>Runs one check.</summary>
    public static int Main(string[] args)
    {
        if (args is ["--help"] or ["-h"])
        {
            Console.Out.Write(Help);
            return 0;
        }
        string? folder = null, root = null, authorities = null;
        bool json = false, isWrong = false;
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == "--json") json = true;
            else if (args[i] == "--root" && i + 1 < args.Length) root = args[++i];
            else if (args[i] == "--tsa" && i + 1 < args.Length) authorities = args[++i];
            else if (folder is null && !args[i].StartsWith("--", StringComparison.Ordinal)) folder = args[i];
            else isWrong = true;
        }
        if (folder is null || isWrong)
        {
            Console.Error.Write(Help);
            return (int)Verdict.InputError;
        }
        var report = new Report();
        if (TryRead(root, KeyPem, report, out byte[]? rootPem) && TryRead(authorities, AuthorityPem, report, out byte[]? authoritiesPem))
            report = Verifier.Run(folder, rootPem, authoritiesPem);
        Console.Out.Write(json ? ReportWriter.Json(report) + "\n" : ReportWriter.Text(report));
        return (int)report.Verdict;
    }

    /// <summary>What a pinned file must hold: a wrong one must not be mistaken for none.</summary>
    private static string? KeyPem(byte[] pem)
    {
        using System.Security.Cryptography.ECDsa? key = KeyRing.ParseAnyPem(pem);
        return key is null ? "no P-256 public key in PEM" : null;
    }

    private static string? AuthorityPem(byte[] pem)
    {
        using var check = new TokenCheck();
        check.Load(pem);
        return check.HasAuthorities ? null : "no certificates in PEM";
    }

    private static bool TryRead(string? path, Func<byte[], string?> problem, Report report, out byte[]? content)
    {
        content = null;
        if (path is null) return true;
        string? wrong;
        try
        {
            if (new FileInfo(path).Length > MaxPem) wrong = "too long";
            else wrong = problem(content = File.ReadAllBytes(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            wrong = failure.Message;
        }
        if (wrong is not null) report.Add(Verdict.InputError, "unreadable", path, wrong);
        return wrong is null;
    }
}
