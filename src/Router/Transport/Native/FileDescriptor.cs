using Microsoft.Win32.SafeHandles;

namespace Sfu.Router.Transport.Native;

/// <summary>Owns one file descriptor; the only code that closes it.</summary>
internal sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes ownership of <paramref name="descriptor"/>; -1 makes an invalid handle.</summary>
    internal FileDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The number, for epoll registrations only; it is not to be closed.</summary>
    internal int Number => (int)handle;

    /// <summary>Takes ownership of the result of a system call, or throws with its errno.</summary>
    /// <exception cref="IOException">The call failed.</exception>
    internal static FileDescriptor FromResult(int result, string call) =>
        result >= 0 ? new FileDescriptor(result) : throw NativeErrors.Last(call);

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibC.Close((int)handle) == 0;
}
