using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sfu.Recorder.Journal;

/// <summary>Seals chunks: AES-256-GCM, chain, crc (docs/evidence.md section 2).</summary>
/// <remarks>The number of a chunk is taken from the chain at the moment of sealing and the chain moves on
/// at once, so one (key, nonce) pair seals one text: what has to be written again is written again as it is, never sealed again.</remarks>
public static class ChunkSealer
{
    internal const int NonceSize = 12;

    /// <summary>Bytes that a chunk takes.</summary>
    public static int SizeOf(int index, int body) =>
        ChunkFormat.HeaderSize + index + body + ChunkFormat.TagSize + ChunkFormat.CrcSize;

    /// <summary>Seals the next chunk of a recording.</summary>
    /// <param name="chain">Moves on by one.</param>
    /// <param name="gcm">The key of (track, key epoch).</param>
    /// <param name="header">Number and sizes in it are ignored: they come from the chain and the spans.</param>
    /// <param name="index">Side index.</param>
    /// <param name="body">Records.</param>
    /// <param name="room">Takes the hash before it (<see cref="ChainHash.Size"/> bytes), then the chunk (<see cref="SizeOf"/> bytes): what is
    /// authenticated and what is hashed then lie in one piece.</param>
    /// <returns>The number of the chunk.</returns>
    public static ulong Seal(
        RecordingChain chain, AesGcm gcm, ChunkHeader header, ReadOnlySpan<byte> index, ReadOnlySpan<byte> body, Span<byte> room)
    {
        ulong number = chain.Next;
        header = header with { Kind = FrameKind.Chunk, Chunk = number, BodySize = body.Length, IndexSize = index.Length };
        chain.Last.CopyTo(room);
        Span<byte> frame = room[ChainHash.Size..];
        header.Write(frame);
        int clear = ChunkFormat.HeaderSize + index.Length, linked = clear + body.Length + ChunkFormat.TagSize;
        index.CopyTo(frame[ChunkFormat.HeaderSize..]);
        Span<byte> nonce = stackalloc byte[NonceSize];
        WriteNonce(nonce, number);
        gcm.Encrypt(
            nonce, body, frame.Slice(clear, body.Length), frame.Slice(clear + body.Length, ChunkFormat.TagSize), room[..(ChainHash.Size + clear)]);
        chain.Append(room[..(ChainHash.Size + linked)]);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[linked..], Crc32C.Of(frame[..linked]));
        return number;
    }

    /// <summary>4 zero bytes and the number of the chunk, big-endian.</summary>
    internal static void WriteNonce(Span<byte> nonce, ulong chunk)
    {
        nonce[..4].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], chunk);
    }
}
