using System.Diagnostics;

namespace Sfu.Recordings;

/// <summary>The programs beside the server that work on evidence apart from it: <c>sfu-verify</c> and <c>sfu-derive</c>.</summary>
internal static class CompanionProgram
{
    private const string SettingsPrefix = "Sfu__";

    /// <summary>Where one is published.</summary>
    internal static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? name + ".exe" : name);

    /// <summary>How one is started: all of its streams are ours, and it gets none of this process's settings, which hold secrets.</summary>
    internal static ProcessStartInfo StartOf(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith(SettingsPrefix, StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        return start;
    }
}
