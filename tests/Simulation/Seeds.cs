using System.Globalization;
using System.Runtime.CompilerServices;

namespace Sfu.Simulation;

/// <summary>Runs a scenario under several seeds; a failing run says how to repeat it.</summary>
/// <remarks><c>SFU_SIM_RUNS</c> is the number of random calls (default 20); every other scenario runs under a tenth as many seeds, at
/// least two. <c>SFU_SIM_SEED</c> runs that seed alone.</remarks>
internal static class Seeds
{
    private const int DefaultRuns = 20;
    private const int RunsPerScenarioSeed = 10;
    private const int LeastSeeds = 2;

    /// <summary>Random calls to make.</summary>
    internal static int Runs { get; } = int.TryParse(
        Environment.GetEnvironmentVariable("SFU_SIM_RUNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int runs) && runs > 0 ? runs : DefaultRuns;

    /// <summary>Runs a scenario under a tenth of the seeds.</summary>
    internal static void Run(Action<ulong> scenario, [CallerMemberName] string test = "") =>
        Run(Math.Max(LeastSeeds, Runs / RunsPerScenarioSeed), scenario, test);

    /// <summary>Runs a scenario under that many seeds.</summary>
    /// <param name="count">Seeds, 1 on.</param>
    /// <param name="scenario">Gets the seed.</param>
    /// <param name="test">The test's name, for the line that repeats it.</param>
    internal static void Run(int count, Action<ulong> scenario, [CallerMemberName] string test = "")
    {
        string? asked = Environment.GetEnvironmentVariable("SFU_SIM_SEED");
        if (ulong.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out ulong single))
        {
            RunOne(scenario, single, test);
            return;
        }

        for (ulong seed = 1; seed <= (ulong)count; seed++) RunOne(scenario, seed, test);
    }

    private static void RunOne(Action<ulong> scenario, ulong seed, string test)
    {
        try
        {
            scenario(seed);
        }
        catch (Exception error)
        {
            string replay = $"SFU_SIM_SEED={seed.ToString(CultureInfo.InvariantCulture)} dotnet test tests/Simulation -c Release --filter FullyQualifiedName~{test}";
            throw new SimulationException($"Seed {seed} failed; repeat it with\n{replay}\n{error.Message}", error);
        }
    }
}

/// <summary>A run that failed, with the line that repeats it.</summary>
internal sealed class SimulationException(string message, Exception inner) : Exception(message, inner);
