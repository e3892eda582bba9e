using System.Globalization;

namespace Sfu.Verify.Tests;

/// <summary>How much is tried, from the environment of test.sh.</summary>
internal static class TamperOptions
{
    /// <summary>Seconds for each fuzz target: 0.2 in the quick tier, 2 by default, 30 in the full one.</summary>
    private static double Seconds =>
        double.TryParse(Environment.GetEnvironmentVariable("SFU_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out double seconds) ? seconds : 2;

    /// <summary>The quick tier.</summary>
    public static bool IsQuick => Seconds < 1;

    /// <summary>The full tier.</summary>
    public static bool IsFull => Seconds >= 10;

    /// <summary><c>SFU_TAMPER_CASES</c>, or 10,000 in the full tier, 2,000 by default, 500 in the quick one; a case takes some 9 ms of a core.</summary>
    public static int Cases => int.TryParse(Environment.GetEnvironmentVariable("SFU_TAMPER_CASES"), CultureInfo.InvariantCulture, out int cases)
        ? cases : IsQuick ? 500 : IsFull ? 10_000 : 2_000;

    /// <summary><c>SFU_FUZZ_SEED</c>: repeats a run; the default is always the same.</summary>
    public static int Seed => ulong.TryParse(Environment.GetEnvironmentVariable("SFU_FUZZ_SEED"), CultureInfo.InvariantCulture, out ulong seed) ? (int)seed : 20261127;
}
