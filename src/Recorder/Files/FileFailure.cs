using System.Runtime.InteropServices;

namespace Sfu.Recorder.Files;

/// <summary>What the file system said.</summary>
/// <param name="Operation">What was asked; <see cref="FileOperation.None"/> when it went well.</param>
/// <param name="Errno">The C library's error number; 0 for a write that came to an end without one.</param>
public readonly record struct FileFailure(FileOperation Operation, int Errno)
{
    /// <summary>ENOSPC: the disk is full.</summary>
    public const int NoSpace = 28;

    /// <summary>EIO: the device failed.</summary>
    public const int DeviceError = 5;

    /// <summary>EROFS: the file system was made read-only.</summary>
    public const int ReadOnlyFileSystem = 30;

    /// <summary>It went well.</summary>
    public static FileFailure None => default;

    /// <summary>True when it did not go well.</summary>
    public bool IsFailure => Operation != FileOperation.None;

    /// <summary>For a person.</summary>
    public override string ToString() => !IsFailure ? "ok" : $"{Operation} failed: {Marshal.GetPInvokeErrorMessage(Errno)} (errno {Errno})";
}
