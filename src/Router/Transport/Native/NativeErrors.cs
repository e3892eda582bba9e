using System.Runtime.InteropServices;

namespace Sfu.Router.Transport.Native;

/// <summary>Turns a failed system call of start-up code into an exception; the packet path never uses it.</summary>
internal static class NativeErrors
{
    /// <summary>The exception for the errno of the call that just failed.</summary>
    internal static IOException Last(string call)
    {
        int error = Marshal.GetLastSystemError();
        return new IOException($"{call} failed: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}).", error);
    }

    /// <summary>Throws when a start-up call returned a negative value.</summary>
    /// <exception cref="IOException">The call failed.</exception>
    internal static void ThrowIfFailed(int result, string call)
    {
        if (result < 0) throw Last(call);
    }
}
