namespace Sfu.Hosting;

/// <summary>How the process ends (the numbers of sysexits.h).</summary>
public static class ExitCode
{
    /// <summary>It was told to stop, and did.</summary>
    public const int Done = 0;

    /// <summary>Something that it needs is not there: a port is in use.</summary>
    public const int Unavailable = 69;

    /// <summary>An error of ours.</summary>
    public const int Internal = 70;

    /// <summary>A setting is wrong.</summary>
    public const int Configuration = 78;
}
