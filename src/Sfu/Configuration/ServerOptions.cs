namespace Sfu.Configuration;

/// <summary>The process as a whole: section <c>Sfu</c>.</summary>
public sealed class ServerOptions
{
    /// <summary>Section of these options.</summary>
    public const string Section = "Sfu";

    /// <summary>Folder for rooms, event log and the development secret; made when it is missing. Default: <c>sfu</c> in the user's
    /// local data folder (<c>~/.local/share/sfu</c>).</summary>
    public string DataDirectory { get; set; } = DefaultDataDirectory;

    /// <summary>Longest time from SIGTERM to the end of the process. 1 s to 1 h; default 10 s.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(10);

    private static string DefaultDataDirectory =>
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } folder
            ? Path.Combine(folder, "sfu")
            : "";
}
