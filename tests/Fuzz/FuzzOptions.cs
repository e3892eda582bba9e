using System.Globalization;

namespace Sfu.Fuzz;

/// <summary>What the environment says about a run.</summary>
internal static class FuzzOptions
{
    /// <summary><c>SFU_FUZZ_SECONDS</c>: time for each target, fractions allowed; default 2.</summary>
    public static TimeSpan Budget => TimeSpan.FromSeconds(
        double.TryParse(Environment.GetEnvironmentVariable("SFU_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out double seconds) ? seconds : 2);

    /// <summary><c>SFU_FUZZ_SEED</c>: repeats a run; default is a new seed each time, printed with the result.</summary>
    public static ulong Seed => ulong.TryParse(Environment.GetEnvironmentVariable("SFU_FUZZ_SEED"), CultureInfo.InvariantCulture, out ulong seed)
        ? seed : (ulong)Environment.TickCount64 * 0x9E37_79B9_7F4A_7C15;

    /// <summary><c>SFU_FUZZ_INPUT</c>: runs this one input (hexadecimal) and nothing else.</summary>
    public static byte[]? Input => Environment.GetEnvironmentVariable("SFU_FUZZ_INPUT") is { Length: > 0 } hex ? Convert.FromHexString(hex) : null;

    /// <summary><c>SFU_FUZZ_SEEDS</c>: a folder with more seeds, one folder in it for each kind (rtp, rtcp, stun, sdp).</summary>
    public static IEnumerable<byte[]> ExtraSeeds(string kind)
    {
        if (Environment.GetEnvironmentVariable("SFU_FUZZ_SEEDS") is not { Length: > 0 } root) return [];
        string folder = Path.Combine(root, kind);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];
    }
}
