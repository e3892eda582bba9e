using System.Buffers.Binary;

namespace Sfu.Recorder.Keys;

/// <summary>Which key: every track has an own one for each epoch (docs/evidence.md section 5).</summary>
/// <param name="Recording">The recording.</param>
/// <param name="Track">The track, 0 for the recording itself.</param>
/// <param name="Epoch">Counts up; never used again.</param>
public readonly record struct TrackKeyId(Guid Recording, uint Track, uint Epoch)
{
    /// <summary>Bytes of a key.</summary>
    public const int KeySize = 32;

    /// <summary>Bytes of a wrapped key.</summary>
    public const int WrappedSize = 60;

    internal const int Size = 24;

    /// <summary>recording ‖ track ‖ epoch, what is authenticated with a wrapped key.</summary>
    internal void Write(Span<byte> to)
    {
        Recording.TryWriteBytes(to, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32LittleEndian(to[16..], Track);
        BinaryPrimitives.WriteUInt32LittleEndian(to[20..], Epoch);
    }
}
