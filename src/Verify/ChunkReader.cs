using System.Security.Cryptography;

namespace Sfu.Verify;

/// <summary>How reading the next frame ended.</summary>
internal enum FrameState
{
    /// <summary>A whole frame with the right checksum.</summary>
    Good,

    /// <summary>A whole frame with a wrong checksum: a byte of it was changed.</summary>
    Changed,

    /// <summary>Not the header of a chunk.</summary>
    NoHeader,

    /// <summary>The file ends within the frame.</summary>
    Torn,

    /// <summary>The file ends at the border of a frame.</summary>
    End,
}

/// <summary>Reads a segment file frame by frame with one buffer, and hashes all of it.</summary>
/// <param name="stream">The file; owned by the caller.</param>
internal sealed class ChunkReader(Stream stream) : IDisposable
{
    private readonly byte[] _frame = new byte[Chunk.MaxSize];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _size;

    /// <summary>Where the frame begins that was read last.</summary>
    internal long Offset { get; private set; }

    /// <summary>Bytes read so far.</summary>
    internal long Length { get; private set; }

    /// <summary>The frame that was read last.</summary>
    internal Chunk Current => new(_frame.AsSpan(0, _size));

    internal FrameState Next()
    {
        Offset = Length;
        int read = Fill(_frame.AsSpan(0, Chunk.HeaderSize));
        if (read == 0) return FrameState.End;
        if (read < Chunk.HeaderSize) return IsBeginOfHeader(read) ? FrameState.Torn : FrameState.NoHeader;
        _size = Chunk.Size(_frame);
        if (_size == 0) return FrameState.NoHeader;
        int rest = _size - Chunk.HeaderSize;
        if (Fill(_frame.AsSpan(Chunk.HeaderSize, rest)) < rest) return FrameState.Torn;
        return Current.IsCrcRight ? FrameState.Good : FrameState.Changed;
    }

    /// <summary>Reads what is left and gives the hash of the whole file.</summary>
    internal byte[] Finish()
    {
        while (Fill(_frame) > 0) _size = 0;
        return _hash.GetHashAndReset();
    }

    public void Dispose() => _hash.Dispose();

    private bool IsBeginOfHeader(int length) => _frame.AsSpan(0, Math.Min(length, 6)).SequenceEqual("SFUJ\u0001\u0001"u8[..Math.Min(length, 6)]);

    private int Fill(Span<byte> buffer)
    {
        int read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        _hash.AppendData(buffer[..read]);
        Length += read;
        return read;
    }
}
