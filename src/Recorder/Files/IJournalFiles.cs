namespace Sfu.Recorder.Files;

/// <summary>The file system as the journal needs it: descriptors, and errors as values.</summary>
/// <remarks>Called by the recorder's threads; an implementation is safe for calls on different files at once. Tests put faults in.</remarks>
internal interface IJournalFiles
{
    /// <summary>Makes a new file, readable by the owner only, and opens it.</summary>
    FileFailure Create(string path, out int file);

    /// <summary>Opens a file for reading.</summary>
    FileFailure OpenRead(string path, out int file);

    /// <summary>Reserves blocks for a file, so that a later write cannot want for them.</summary>
    FileFailure Allocate(int file, long bytes);

    /// <summary>Writes all bytes at a place; a write that ends early is gone on with.</summary>
    FileFailure Write(int file, ReadOnlySpan<byte> data, long offset);

    /// <summary>Reads up to the end of the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="data">Takes the bytes.</param>
    /// <param name="offset">Where.</param>
    /// <param name="read">Bytes read; fewer than asked for at the end, and before a place that cannot be read.</param>
    FileFailure Read(int file, Span<byte> data, long offset, out int read);

    /// <summary>fdatasync.</summary>
    FileFailure Sync(int file);

    /// <summary>fsync of a folder: what was made, renamed or deleted in it.</summary>
    FileFailure SyncFolder(string path);

    /// <summary>Closes a file; nothing is lost by its failure that a sync would have kept.</summary>
    void Close(int file);

    /// <summary>Makes a folder and its parents and syncs them.</summary>
    FileFailure MakeFolder(string path);

    /// <summary>Gives a file another name in its folder.</summary>
    FileFailure Rename(string from, string to);

    /// <summary>Deletes a file; one that is not there is no failure.</summary>
    FileFailure Delete(string path);

    /// <summary>Names of the files in a folder; none when it is not there.</summary>
    FileFailure List(string folder, out IReadOnlyList<string> names);
}
