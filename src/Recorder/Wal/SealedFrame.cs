using System.Buffers.Binary;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Wal;

/// <summary>The body of a frame of kind 131: chunk u64 ‖ hash before it ‖ number of the segment that begins there u32.</summary>
internal static class SealedFrame
{
    private const int Size = 8 + ChainHash.Size + 4;

    /// <summary>Writes it.</summary>
    internal static byte[] Write(ulong chunk, ChainHash hash, int nextSegment)
    {
        byte[] body = new byte[Size];
        BinaryPrimitives.WriteUInt64LittleEndian(body, chunk);
        hash.CopyTo(body.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(8 + ChainHash.Size), nextSegment);
        return body;
    }

    /// <summary>Reads it.</summary>
    internal static JournalFailure TryRead(ReadOnlySpan<byte> body, out (ulong Chunk, ChainHash Hash, int NextSegment) state)
    {
        state = default;
        if (body.Length != Size) return JournalFailure.BadSize;
        state = (BinaryPrimitives.ReadUInt64LittleEndian(body), new ChainHash(body.Slice(8, ChainHash.Size)),
            BinaryPrimitives.ReadInt32LittleEndian(body[(8 + ChainHash.Size)..]));
        return JournalFailure.None;
    }
}
