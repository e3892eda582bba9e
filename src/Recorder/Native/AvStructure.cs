using System.Runtime.CompilerServices;

namespace Sfu.Recorder.Native;

/// <summary>Reads and writes fields of FFmpeg's structures at the places of <see cref="AvLayout"/>.</summary>
internal static unsafe class AvStructure
{
    /// <summary>Reads a field.</summary>
    /// <param name="structure">Not null.</param>
    /// <param name="offset">In bytes.</param>
    internal static T Read<T>(nint structure, int offset) where T : unmanaged => Unsafe.ReadUnaligned<T>((byte*)structure + offset);

    /// <summary>Writes a field.</summary>
    internal static void Write<T>(nint structure, int offset, T value) where T : unmanaged => Unsafe.WriteUnaligned((byte*)structure + offset, value);

    /// <summary>Adds entries to the dictionary in a field.</summary>
    internal static void AddEntries(nint structure, int offset, IEnumerable<KeyValuePair<string, string>> entries)
    {
        nint dictionary = Read<nint>(structure, offset);
        foreach ((string key, string value) in entries) AvException.Check(LibAvUtil.SetEntry(ref dictionary, key, value, 0), "metadata");
        Write(structure, offset, dictionary);
    }
}
