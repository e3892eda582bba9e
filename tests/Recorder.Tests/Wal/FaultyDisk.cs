using Sfu.Recorder.Files;

namespace Sfu.Recorder.Tests.Wal;

/// <summary>A disk in memory that knows what is durable, fails on order, and can lose its power.</summary>
/// <remarks>After a failed sync the bytes since the last good one are dropped, as Linux may do; a later sync does not bring them back.</remarks>
internal sealed class FaultyDisk : IJournalFiles
{
    private sealed class Node
    {
        public byte[] Cached = [];
        public byte[] Durable = [];
        public bool IsNamed;
    }

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Node> _names = [];
    private readonly Dictionary<int, (Node Node, bool CanWrite)> _open = [];
    private int _next = 3;

    /// <summary>Calls so far that could fail.</summary>
    public int Calls { get; private set; }

    /// <summary>Says whether a call fails, and how: its number from 1, what it is, and its file.</summary>
    public Func<int, FileOperation, FileFailure>? Fault { get; set; }

    /// <summary>Half of the bytes of a failing write are written all the same.</summary>
    public bool WritesHalf { get; set; }

    /// <summary>Syncs that a failed one had not come before say what is durable: the highest end of any file.</summary>
    public IEnumerable<string> Names => _names.Keys.Order(StringComparer.Ordinal);

    /// <summary>What a process sees: the page cache.</summary>
    public byte[] Content(string path) => [.. _names[path].Cached];

    /// <summary>Replaces a file, as a crash may leave it.</summary>
    public void Put(string path, byte[] content) => _names[path] = new Node { Cached = content, Durable = content, IsNamed = true };

    /// <summary>Only what was synced is left.</summary>
    public void LosePower()
    {
        foreach (string path in _names.Keys.ToArray())
        {
            if (!_names[path].IsNamed) _names.Remove(path);
            else _names[path].Cached = [.. _names[path].Durable];
        }

        _open.Clear();
    }

    public FileFailure Create(string path, out int file)
    {
        lock (_lock)
        {
            file = _next++;
            if (Fails(FileOperation.Open, out FileFailure failure)) return failure;
            if (_names.ContainsKey(path)) return new FileFailure(FileOperation.Open, 17);
            _names[path] = new Node();
            _open[file] = (_names[path], true);
            return FileFailure.None;
        }
    }

    public FileFailure OpenRead(string path, out int file)
    {
        lock (_lock)
        {
            file = _next++;
            if (!_names.TryGetValue(path, out Node? node)) return new FileFailure(FileOperation.Open, 2);
            _open[file] = (node, false);
            return FileFailure.None;
        }
    }

    public FileFailure Allocate(int file, long bytes)
    {
        lock (_lock) return Fails(FileOperation.Allocate, out FileFailure failure) ? failure : FileFailure.None;
    }

    public FileFailure Write(int file, ReadOnlySpan<byte> data, long offset)
    {
        lock (_lock)
        {
            bool fails = Fails(FileOperation.Write, out FileFailure failure);
            if (fails) data = WritesHalf ? data[..(data.Length / 2)] : [];
            Node node = _open[file].Node;
            if (node.Cached.Length < offset + data.Length) Array.Resize(ref node.Cached, (int)offset + data.Length);
            data.CopyTo(node.Cached.AsSpan((int)offset));
            return fails ? failure : FileFailure.None;
        }
    }

    public FileFailure Read(int file, Span<byte> data, long offset, out int read)
    {
        lock (_lock)
        {
            byte[] content = _open[file].Node.Cached;
            read = (int)Math.Clamp(content.Length - offset, 0, data.Length);
            content.AsSpan((int)Math.Min(offset, content.Length), read).CopyTo(data);
            return FileFailure.None;
        }
    }

    public FileFailure Sync(int file)
    {
        lock (_lock)
        {
            Node node = _open[file].Node;
            if (Fails(FileOperation.Sync, out FileFailure failure))
            {
                node.Cached = [.. node.Durable];
                return failure;
            }

            node.Durable = [.. node.Cached];
            return FileFailure.None;
        }
    }

    public FileFailure SyncFolder(string path)
    {
        lock (_lock)
        {
            if (Fails(FileOperation.Sync, out FileFailure failure)) return failure;
            foreach ((string name, Node node) in _names)
                if (Path.GetDirectoryName(name) == path) node.IsNamed = true;
            return FileFailure.None;
        }
    }

    public void Close(int file)
    {
        lock (_lock) _open.Remove(file);
    }

    public FileFailure MakeFolder(string path) => FileFailure.None;

    public FileFailure Rename(string from, string to)
    {
        lock (_lock)
        {
            if (Fails(FileOperation.Folder, out FileFailure failure)) return failure;
            _names.Remove(from, out Node? node);
            _names[to] = node!;
            return FileFailure.None;
        }
    }

    public FileFailure Delete(string path)
    {
        lock (_lock) _names.Remove(path);
        return FileFailure.None;
    }

    public FileFailure List(string folder, out IReadOnlyList<string> names)
    {
        lock (_lock) names = [.. _names.Keys.Where(name => Path.GetDirectoryName(name) == folder).Select(name => Path.GetFileName(name))];
        return FileFailure.None;
    }

    private bool Fails(FileOperation operation, out FileFailure failure)
    {
        failure = Fault?.Invoke(++Calls, operation) ?? FileFailure.None;
        return failure.IsFailure;
    }
}
