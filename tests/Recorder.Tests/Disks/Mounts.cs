using System.Diagnostics;

namespace Sfu.Recorder.Tests.Disks;

/// <summary>Small file systems for one test; unmounted at its end.</summary>
internal sealed class Mounts : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly Stack<string> _mounted = [];

    /// <summary>Mounts memory of a size.</summary>
    public string Memory(string name, int mebibytes)
    {
        string at = Directory.CreateDirectory(_folder.Of(name)).FullName;
        Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "none", at);
        _mounted.Push(at);
        return at;
    }

    /// <summary>Gives mounted memory another size.</summary>
    public static void Resize(string at, int mebibytes) => Run("mount", "-o", $"remount,size={mebibytes}m", at);

    /// <summary>Mounts an ext4 file system in a file.</summary>
    public string Loop(string name, string image)
    {
        string at = Directory.CreateDirectory(_folder.Of(name)).FullName;
        Run("mount", "-o", "loop", image, at);
        _mounted.Push(at);
        return at;
    }

    /// <summary>Unmounts the last one.</summary>
    public void Unmount() => Run("umount", _mounted.Pop());

    public void Dispose()
    {
        while (_mounted.Count > 0) Unmount();
        _folder.Dispose();
    }

    public static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string error = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(Patience), $"{program} hangs");
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {error}");
    }
}
