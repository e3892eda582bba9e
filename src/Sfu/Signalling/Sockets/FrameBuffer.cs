using System.Buffers;

namespace Sfu.Signalling.Sockets;

/// <summary>Collects one frame from its pieces, under the limits of size. Grows only as far as what came needs; not thread-safe.</summary>
internal sealed class FrameBuffer(int frameBytes, int offerBytes) : IDisposable
{
    private const int SmallSize = 4096;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(SmallSize);
    private int _length;

    private static ReadOnlySpan<byte> OfferStart => "{\"type\":\"offer\""u8;

    /// <summary>Where the next piece goes; never empty.</summary>
    public Memory<byte> Free => _buffer.AsMemory(_length);

    /// <summary>What has come.</summary>
    public ReadOnlyMemory<byte> Frame => _buffer.AsMemory(0, _length);

    /// <summary>Notes a piece and makes room for the next.</summary>
    /// <returns>False when the frame is over its size.</returns>
    public bool TryAdvance(int count)
    {
        _length += count;
        int limit = Frame.Span.StartsWith(OfferStart) ? offerBytes : frameBytes;
        if (_length > limit) return false;
        // One more byte than the limit is enough to see that a frame goes beyond it.
        if (_length == _buffer.Length) Grow(Math.Min(_buffer.Length * 4, limit + 1));
        return true;
    }

    /// <summary>Ready for the next frame; a large buffer goes back.</summary>
    public void Clear()
    {
        _length = 0;
        if (_buffer.Length <= 4 * SmallSize) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = ArrayPool<byte>.Shared.Rent(SmallSize);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Grow(int size)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
