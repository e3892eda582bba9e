using System.Buffers.Binary;

namespace Sfu.Verify.Tests;

/// <summary>A recording's folder that is tampered with, checked and put right again. Owned by one thread.</summary>
internal sealed class EvidenceCopy
{
    private readonly Dictionary<string, byte[]> _original;
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);

    public EvidenceCopy(string source)
    {
        Path = TestAuthority.NewFolder();
        _original = Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories)
            .ToDictionary(file => System.IO.Path.GetRelativePath(source, file), File.ReadAllBytes, StringComparer.Ordinal);
        Names = [.. _original.Keys.Order(StringComparer.Ordinal)];
        foreach ((string name, byte[] content) in _original) Write(name, content);
        _touched.Clear();
    }

    public string Path { get; }

    /// <summary>All files.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Files of chunks, in order.</summary>
    public IReadOnlyList<string> Objects => [.. Names.Where(name => name.EndsWith(".sfuj", StringComparison.Ordinal))];

    public byte[] Original(string name) => _original[name];

    public byte[] Read(string name) => File.ReadAllBytes(System.IO.Path.Combine(Path, name));

    public void Write(string name, ReadOnlySpan<byte> content)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        _touched.Add(name);
    }

    public void Delete(string name)
    {
        File.Delete(System.IO.Path.Combine(Path, name));
        _touched.Add(name);
    }

    public void Swap(string a, string b)
    {
        Write(a, Original(b));
        Write(b, Original(a));
    }

    public void Restore()
    {
        foreach (string name in _touched.ToArray())
        {
            if (_original.TryGetValue(name, out byte[]? content)) Write(name, content);
            else File.Delete(System.IO.Path.Combine(Path, name));
        }
        _touched.Clear();
    }

    public Report Verify() => Verifier.Run(Path, TestAuthority.RootPem);

    /// <summary>Begin and length of each frame, by the sizes in their headers.</summary>
    public static List<(int At, int Length)> Frames(ReadOnlySpan<byte> file)
    {
        var frames = new List<(int, int)>();
        for (int at = 0; at < file.Length;)
        {
            int length = 64 + BinaryPrimitives.ReadInt32LittleEndian(file[(at + 56)..]) + BinaryPrimitives.ReadInt32LittleEndian(file[(at + 60)..]) + 20;
            frames.Add((at, length));
            at += length;
        }
        return frames;
    }

    /// <summary>Number of the chunk that holds a byte.</summary>
    public static ulong ChunkAt(ReadOnlySpan<byte> file, int offset)
    {
        (int at, _) = Frames(file).Last(frame => frame.At <= offset);
        return BinaryPrimitives.ReadUInt64LittleEndian(file[(at + 32)..]);
    }
}
