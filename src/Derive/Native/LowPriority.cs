using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sfu.Derive.Native;

/// <summary>Makes this process step back behind the server's media workers: nice 10, and the disk only when nobody else wants it.</summary>
internal static partial class LowPriority
{
    private const int ForProcess = 1;                  // IOPRIO_WHO_PROCESS
    private const int Idle = 3 << 13;                  // IOPRIO_CLASS_IDLE

    /// <summary>Applies it to the main thread; threads that are started later inherit it.</summary>
    internal static void Apply()
    {
        using Process self = Process.GetCurrentProcess();
        self.PriorityClass = ProcessPriorityClass.BelowNormal; // nice 10 on Linux
        if (!OperatingSystem.IsLinux()) return;
        nint number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 251 : 30; // ioprio_set; glibc has no function for it
        _ = SystemCall(number, ForProcess, 0, Idle);   // a kernel without an I/O scheduler refuses: nothing is lost
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint who, nint id, nint priority);
}
