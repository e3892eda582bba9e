namespace Sfu.Verify;

/// <summary>Spelling and order of verdicts.</summary>
public static class Verdicts
{
    private static readonly string[] Names =
        ["VALID_COMPLETE", "VALID_WITH_GAPS", "TRUNCATED", "TAMPERED", "UNKNOWN_KEY", "TIME_UNATTESTED", "REDACTED_AS_DECLARED", "INPUT_ERROR"];

    private static readonly Verdict[] WorstFirst =
    [
        Verdict.InputError, Verdict.Tampered, Verdict.UnknownKey, Verdict.Truncated, Verdict.TimeUnattested, Verdict.RedactedAsDeclared,
        Verdict.ValidWithGaps, Verdict.ValidComplete,
    ];

    /// <summary>As reports spell it.</summary>
    public static string Name(this Verdict verdict) => Names[(int)verdict];

    /// <summary>The worse of two.</summary>
    public static Verdict Worse(Verdict a, Verdict b) => Array.IndexOf(WorstFirst, a) <= Array.IndexOf(WorstFirst, b) ? a : b;
}
