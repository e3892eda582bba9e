using Sfu.Recorder.Files;

namespace Sfu.Recorder.Segments;

/// <summary>Reads chunks from the files of the log, which it keeps open.</summary>
/// <remarks>Owned by one thread.</remarks>
internal sealed class ChunkSource(IJournalFiles files) : IDisposable
{
    private readonly Dictionary<string, int> _open = [];

    /// <summary>Reads a whole chunk.</summary>
    internal FileFailure Read(ChunkRef chunk, Span<byte> frame)
    {
        if (!_open.TryGetValue(chunk.File.Path, out int file))
        {
            FileFailure opened = files.OpenRead(chunk.File.Path, out file);
            if (opened.IsFailure) return opened;
            _open.Add(chunk.File.Path, file);
        }

        FileFailure failure = files.Read(file, frame, chunk.Offset, out int read);
        return failure.IsFailure || read == frame.Length ? failure : new FileFailure(FileOperation.Read, FileFailure.DeviceError);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (int file in _open.Values) files.Close(file);
        _open.Clear();
    }
}
