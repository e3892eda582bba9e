using Microsoft.Win32.SafeHandles;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Derivation.Sources;

/// <summary>A file of chunks, read chunk by chunk.</summary>
/// <param name="path">The file.</param>
internal sealed class ChunkFile(string path) : IDisposable
{
    private readonly SafeFileHandle _file = File.OpenHandle(path);
    private byte[] _buffer = new byte[ChunkFormat.HeaderSize];

    /// <summary>Reads the frame at a place.</summary>
    /// <param name="offset">Bytes from the start.</param>
    /// <param name="frame">Valid until the next call. Too short when the file ends inside of it.</param>
    /// <returns>False at the end of the file.</returns>
    internal bool TryReadAt(long offset, out ReadOnlySpan<byte> frame)
    {
        frame = default;
        int read = RandomAccess.Read(_file, _buffer.AsSpan(0, ChunkFormat.HeaderSize), offset);
        if (read == 0) return false;
        frame = _buffer.AsSpan(0, read);
        if (ChunkHeader.TryRead(frame, out ChunkHeader header) != JournalFailure.None) return true; // the caller will say why
        if (_buffer.Length < header.FrameSize) _buffer = new byte[header.FrameSize];
        int filled = 0;
        while (filled < header.FrameSize && RandomAccess.Read(_file, _buffer.AsSpan(filled, header.FrameSize - filled), offset + filled) is > 0 and var more) filled += more;
        frame = _buffer.AsSpan(0, filled);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
