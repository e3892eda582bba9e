using System.Buffers;
using System.Buffers.Binary;
using Sfu.Media.Time;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Wal;

/// <summary>One frame on its way to the disk: its bytes are kept until they are synced, to be written again as they are.</summary>
/// <remarks>Owned by the recorder's thread.</remarks>
internal sealed class WalFrame
{
    private readonly byte[] _buffer;
    private readonly int _at;

    /// <summary>Buffers kept of one size: what 700 tracks seal in a second.</summary>
    private const int MaxKept = 8192;

    /// <summary>Frames wait in memory for a sync: thousands at once, which the shared pool does not keep. It holds no more than once waited.</summary>
    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(ChainHash.Size + ChunkFormat.MaxChunk, MaxKept);

    private WalFrame(byte[] buffer, int at, int size) => (_buffer, _at, Size) = (buffer, at, size);

    /// <summary>Bytes of the frame.</summary>
    internal int Size { get; }

    /// <summary>The frame.</summary>
    internal ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_at, Size);

    /// <summary>What it is.</summary>
    internal required FrameKind Kind { get; init; }

    /// <summary>Who hears when it is durable; null when nobody waits.</summary>
    internal IFrameOwner? Owner { get; init; }

    /// <summary>Number of a chunk; of <see cref="FrameKind.SealedUpTo"/> the number that it names.</summary>
    internal ulong Chunk { get; init; }

    /// <summary>Link of a chunk.</summary>
    internal ChainHash Hash { get; init; }

    /// <summary>Receive time of the first record of a chunk.</summary>
    internal MediaTime FirstMono { get; init; }

    /// <summary>Marks of a chunk.</summary>
    internal ChunkMarks Marks { get; init; }

    /// <summary>When it was handed over, or began to be collected.</summary>
    internal MediaTime Since { get; init; }

    /// <summary>The file it was written to last.</summary>
    internal WalFile? File { get; private set; }

    /// <summary>Where in the file.</summary>
    internal long Offset { get; private set; }

    /// <summary>Rents room for a chunk: the hash before it, then the chunk.</summary>
    internal static byte[] RentChunk(int size) => Pool.Rent(ChainHash.Size + size);

    /// <summary>Takes a sealed chunk over.</summary>
    /// <param name="room">From <see cref="RentChunk"/>.</param>
    /// <param name="size">Bytes of the chunk.</param>
    /// <param name="header">Its header.</param>
    /// <param name="hash">Its link.</param>
    /// <param name="owner">Its recording.</param>
    internal static WalFrame OfChunk(byte[] room, int size, ChunkHeader header, ChainHash hash, IFrameOwner owner) => new(room, ChainHash.Size, size)
    {
        Kind = FrameKind.Chunk,
        Owner = owner,
        Chunk = header.Chunk,
        Hash = hash,
        FirstMono = new MediaTime(header.FirstMono),
        Since = new MediaTime(header.FirstMono),
        Marks = header.Flags,
    };

    /// <summary>Makes a frame that is no chunk.</summary>
    internal static WalFrame OfState(FrameKind kind, Guid recording, ReadOnlySpan<byte> body, MediaTime now, IFrameOwner? owner = null, ulong chunk = 0)
    {
        var header = new ChunkHeader(kind, ChunkMarks.None, recording, 0, 0, 0, 0, 0, body.Length, 0);
        int size = header.FrameSize, end = size - ChunkFormat.CrcSize;
        byte[] buffer = Pool.Rent(size);
        header.Write(buffer);
        body.CopyTo(buffer.AsSpan(ChunkFormat.HeaderSize));
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(end), Crc32C.Of(buffer.AsSpan(0, end)));
        return new WalFrame(buffer, 0, size) { Kind = kind, Owner = owner, Chunk = chunk, Since = now };
    }

    /// <summary>Says where it was written.</summary>
    internal void Place(WalFile file, long offset) => (File, Offset) = (file, offset);

    /// <summary>Gives its memory back; nothing reads the frame afterwards.</summary>
    internal void Release() => Pool.Return(_buffer);
}
