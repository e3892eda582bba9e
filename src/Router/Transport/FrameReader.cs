using System.Buffers.Binary;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Transport;

/// <summary>Cuts a TCP byte stream into datagrams: a 16-bit length, then that many bytes (RFC 4571 section 2).</summary>
/// <remarks>Owned by one TCP connection. Frames may be changed in place and are valid until <see cref="Compact"/>.</remarks>
internal sealed class FrameReader : IDisposable
{
    /// <summary>Bytes of the length in front of each frame.</summary>
    internal const int PrefixSize = 2;

    /// <summary>Longest frame taken; a longer one means that the stream is not ours.</summary>
    internal const int MaxFrame = 2046;

    private const int BufferSize = 16 * 1024;

    private readonly NativeBlock _buffer = new(BufferSize);
    private int _start;
    private int _end;

    /// <summary>Room for received bytes; never empty after <see cref="Compact"/>.</summary>
    internal Span<byte> Free => _buffer.Slice(_end, BufferSize - _end);

    /// <summary>Bytes received and not yet read.</summary>
    internal Span<byte> Pending => _buffer.Slice(_start, _end - _start);

    /// <summary>Says how many bytes were put into <see cref="Free"/>.</summary>
    internal void Advance(int bytes) => _end += bytes;

    /// <summary>Takes the next whole frame that is not empty.</summary>
    /// <param name="frame">The frame without its length.</param>
    /// <param name="isBroken">True when the stream cannot be followed further: close it.</param>
    /// <returns>False when more bytes are needed or the stream is broken.</returns>
    internal bool TryRead(out Span<byte> frame, out bool isBroken)
    {
        frame = default;
        isBroken = false;
        while (_end - _start >= PrefixSize)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.Slice(_start, PrefixSize));
            isBroken = length > MaxFrame;
            if (isBroken || _end - _start - PrefixSize < length) return false;
            frame = _buffer.Slice(_start + PrefixSize, length);
            _start += PrefixSize + length;
            if (length > 0) return true;
        }

        return false;
    }

    /// <summary>Moves a partial frame to the front, so that there is room for the rest of it.</summary>
    internal void Compact()
    {
        if (_start == 0) return;
        Pending.CopyTo(_buffer.Slice(0, _end - _start));
        _end -= _start;
        _start = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
