using System.Runtime.InteropServices;

namespace Sfu.Recorder.Native;

/// <summary>The C library's file calls. Every function returns -1 and sets errno on failure unless noted.</summary>
/// <remarks>.NET's own flush hides a failed fsync, so the journal goes around it. errno is read with
/// <see cref="Marshal.GetLastSystemError"/> right after the call. Values are those of Linux on x86-64 and arm64.</remarks>
internal static unsafe partial class LibC
{
    internal const int ReadOnly = 0, ReadWrite = 2, Create = 0x40, Exclusive = 0x80, CloseOnExec = 0x80000;
    internal const int OwnerOnly = 0x180;                  // 0600
    internal const int Interrupted = 4, NotSupported = 95, InvalidArgument = 22;
    internal const int RealTime = 0, Monotonic = 1;

    private const string Library = "libc.so.6";            // the soname these signatures describe

    [LibraryImport(Library, EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, int mode);

    [LibraryImport(Library, EntryPoint = "close")]
    internal static partial int Close(int file);

    [LibraryImport(Library, EntryPoint = "pwrite")]
    internal static partial nint WriteAt(int file, byte* data, nint count, long offset);

    [LibraryImport(Library, EntryPoint = "pread")]
    internal static partial nint ReadAt(int file, byte* data, nint count, long offset);

    [LibraryImport(Library, EntryPoint = "fallocate")]
    internal static partial int Allocate(int file, int mode, long offset, long count);

    [LibraryImport(Library, EntryPoint = "fdatasync")]
    internal static partial int SyncData(int file);

    [LibraryImport(Library, EntryPoint = "clock_gettime")]
    internal static partial int ClockGetTime(int clock, TimeSpec* time);

    /// <returns>The state of the clock; 5 (TIME_ERROR) when it is not synchronised.</returns>
    [LibraryImport(Library, EntryPoint = "adjtimex")]
    internal static partial int ReadClockState(byte* timex);
}
