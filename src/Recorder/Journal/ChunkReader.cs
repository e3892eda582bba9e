using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sfu.Recorder.Journal;

/// <summary>Reads frames and opens chunks. Bytes are hostile: every failure is a value.</summary>
public static class ChunkReader
{
    /// <summary>Finds the frame at the beginning of some bytes.</summary>
    /// <param name="data">What follows the last frame.</param>
    /// <param name="view">Valid only for <see cref="JournalFailure.None"/>; lies in <paramref name="data"/>.</param>
    public static JournalFailure TryRead(ReadOnlySpan<byte> data, out ChunkView view)
    {
        view = default;
        JournalFailure failure = ChunkHeader.TryRead(data, out ChunkHeader header);
        if (failure != JournalFailure.None) return failure;
        if (data.Length < header.FrameSize) return JournalFailure.Truncated;
        ReadOnlySpan<byte> frame = data[..header.FrameSize];
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(frame[^ChunkFormat.CrcSize..]);
        if (crc != Crc32C.Of(frame[..^ChunkFormat.CrcSize])) return JournalFailure.BadChecksum;
        view = new ChunkView(header, frame);
        return JournalFailure.None;
    }

    /// <summary>Opens a chunk.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="previous">The hash before it.</param>
    /// <param name="key">The 32 bytes of its track's key epoch.</param>
    /// <param name="plain">Takes the records; as long as the body.</param>
    public static JournalFailure TryOpen(ChunkView chunk, ChainHash previous, ReadOnlySpan<byte> key, Span<byte> plain)
    {
        if (chunk.Header.Kind != FrameKind.Chunk) return JournalFailure.BadKind;
        int clear = ChunkFormat.HeaderSize + chunk.Header.IndexSize;
        byte[] additional = new byte[ChainHash.Size + clear];
        previous.CopyTo(additional);
        chunk.Frame[..clear].CopyTo(additional.AsSpan(ChainHash.Size));
        Span<byte> nonce = stackalloc byte[ChunkSealer.NonceSize];
        ChunkSealer.WriteNonce(nonce, chunk.Header.Chunk);
        using var gcm = new AesGcm(key, ChunkFormat.TagSize);
        try
        {
            gcm.Decrypt(nonce, chunk.Body, chunk.Tag, plain[..chunk.Header.BodySize], additional);
            return JournalFailure.None;
        }
        catch (AuthenticationTagMismatchException)
        {
            return JournalFailure.BadSeal;                     // the only way AesGcm has to say so
        }
    }
}
