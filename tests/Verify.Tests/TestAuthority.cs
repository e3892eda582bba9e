using Microsoft.Extensions.Time.Testing;
using Sfu.Recorder.Evidence;

namespace Sfu.Verify.Tests;

/// <summary>Keys and time of all test recordings: made once, because making them costs more than checking a recording.</summary>
internal static class TestAuthority
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    public static readonly FakeTimeProvider Time = new(Start);
    public static readonly string Scratch = MakeScratch();
    public static readonly SigningKeys Keys = SigningKeys.Open(Path.Combine(Scratch, "keys"), "rec-a", new SigningKeyOptions());
    public static readonly SigningKeys Strangers = SigningKeys.Open(Path.Combine(Scratch, "strangers"), "rec-a", new SigningKeyOptions());
    public static readonly LocalTimeAuthority Authority = LocalTimeAuthority.Open(Path.Combine(Scratch, "tsa"), Time);
    public static readonly string Signer = Keys.Current(Start);
    public static readonly string Stranger = Strangers.Current(Start);
    public static readonly byte[] RootPem = System.Text.Encoding.ASCII.GetBytes(Keys.RootPem);

    private static int _folders;

    /// <summary>A new empty folder, gone when the tests end. In memory where there is such a disk: the tests are not about its speed.</summary>
    public static string NewFolder() => Directory.CreateDirectory(Path.Combine(Scratch, $"{Interlocked.Increment(ref _folders)}")).FullName;

    private static string MakeScratch()
    {
        string root = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        string folder = Directory.CreateDirectory(Path.Combine(root, $"sfu-verify-tests-{Environment.ProcessId}-{Guid.NewGuid():N}")).FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}
