namespace Sfu.Recorder.Tests.Disks;

/// <summary>A test that mounts; root only.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess) Skip = "mounts file systems: run as root";
    }
}
