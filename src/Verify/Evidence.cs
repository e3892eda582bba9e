using System.Security.Cryptography;

namespace Sfu.Verify;

/// <summary>Reads the files of a folder. Never follows links, never opens what is not a plain file, never reads more than it is told to.</summary>
/// <param name="root">The folder.</param>
/// <param name="report">Where unreadable files are reported.</param>
internal sealed class Evidence(string root, Report report)
{
    internal const int MaxFiles = 1_000_000;

    private readonly Dictionary<string, long> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _hashes = new(StringComparer.Ordinal);

    /// <summary>Names of all plain files, in order.</summary>
    internal IEnumerable<string> Names => _files.Keys.Order(StringComparer.Ordinal);

    internal bool Has(string name) => _files.ContainsKey(name);

    internal long Size(string name) => _files[name];

    /// <summary>Lists the folder. False when that cannot be done.</summary>
    internal bool List()
    {
        try
        {
            var folders = new Stack<DirectoryInfo>([new DirectoryInfo(root)]);
            var all = new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false };
            while (folders.TryPop(out DirectoryInfo? folder))
            {
                foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos("*", all))
                {
                    string name = Path.GetRelativePath(root, entry.FullName).Replace('\\', '/');
                    if (name == "derived") continue;           // no evidence
                    if ((entry.Attributes & FileAttributes.ReparsePoint) != 0) report.Add(Verdict.Tampered, "unexpected_file", name, "a link; evidence is plain files");
                    else if (entry is DirectoryInfo child) folders.Push(child);
                    else if (_files.Count < MaxFiles) _files[name] = ((FileInfo)entry).Length;
                    else return Unreadable(name, "more files than a recording has");
                }
            }
            return true;
        }
        catch (Exception failure) when (IsFileTrouble(failure))
        {
            return Unreadable("", failure.Message);
        }
    }

    /// <summary>Reads a small file.</summary>
    /// <returns>Its bytes; null when it is not there, too long or unreadable, which is reported unless it is only not there.</returns>
    internal byte[]? Read(string name, int max)
    {
        if (!_files.TryGetValue(name, out long size)) return null;
        if (size > max)
        {
            report.Add(Verdict.Tampered, "malformed", name, $"{size} bytes; at most {max} can be right");
            return null;
        }
        if (size == 0) return [];                              // also what a pipe or a device says of itself: those are never opened
        try
        {
            using FileStream file = Open(name);
            byte[] bytes = new byte[max + 1L > size + 1 ? size + 1 : max];
            int read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (read == bytes.Length && read > size) return Failed(name, "it grows while it is read");
            byte[] content = bytes[..read];
            _hashes[name] = SHA256.HashData(content);
            return content;
        }
        catch (Exception failure) when (IsFileTrouble(failure))
        {
            return Failed(name, failure.Message);
        }
    }

    /// <summary>Reads a file of chunks with a function, without having it in memory.</summary>
    /// <returns>False when it is not there or unreadable.</returns>
    internal bool ReadChunks(string name, Action<ChunkReader> read)
    {
        if (!_files.TryGetValue(name, out long size)) return false;
        try
        {
            using Stream file = size == 0 ? Stream.Null : Open(name);
            using var chunks = new ChunkReader(file);
            read(chunks);
            _hashes[name] = chunks.Finish();
            return true;
        }
        catch (Exception failure) when (IsFileTrouble(failure))
        {
            return Unreadable(name, failure.Message);
        }
    }

    /// <summary>SHA-256 of a file, from the reading that was done anyway where there was one.</summary>
    internal byte[]? Hash(string name)
    {
        if (_hashes.TryGetValue(name, out byte[]? hash)) return hash;
        if (!_files.TryGetValue(name, out long size)) return null;
        if (size == 0) return _hashes[name] = SHA256.HashData([]);
        try
        {
            using FileStream file = Open(name);
            return _hashes[name] = SHA256.HashData(file);
        }
        catch (Exception failure) when (IsFileTrouble(failure))
        {
            return Failed(name, failure.Message);
        }
    }

    private static bool IsFileTrouble(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or System.Security.SecurityException or NotSupportedException;

    private FileStream Open(string name) => new(Path.Combine(root, name), new FileStreamOptions { BufferSize = 1 << 17, Options = FileOptions.SequentialScan });

    private byte[]? Failed(string name, string why)
    {
        Unreadable(name, why);
        return null;
    }

    private bool Unreadable(string name, string why)
    {
        report.Add(Verdict.InputError, "unreadable", name, why);
        return false;
    }
}
