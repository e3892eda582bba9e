using System.Text;

namespace Sfu.Recorder.Native;

/// <summary>A call into FFmpeg failed: memory, disk, or content that it cannot take. Ends one derivation, never a recording.</summary>
/// <param name="message">What was tried, and what FFmpeg says.</param>
public sealed class AvException(string message) : IOException(message)
{
    /// <summary>Passes a result that is no error on.</summary>
    /// <param name="result">What the call returned.</param>
    /// <param name="what">What was tried, for the message.</param>
    internal static int Check(int result, string what) => result >= 0 ? result : throw new AvException($"{what}: {Describe(result)}");

    /// <summary>Passes a pointer that is not null on.</summary>
    internal static nint CheckMemory(nint pointer, string what) => pointer != 0 ? pointer : throw new AvException($"{what}: out of memory");

    private static unsafe string Describe(int error)
    {
        Span<byte> text = stackalloc byte[128];
        fixed (byte* at = text) _ = LibAvUtil.Describe(error, at, (nuint)text.Length);
        int end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }
}
