using System.Buffers.Binary;

namespace Sfu.Media.Rtp;

/// <summary>Writes an RTP header and its extensions into a span (RFC 3550 section 5.1, RFC 8285).</summary>
/// <remarks>Two-byte elements are used throughout when one of them needs it: the caller says so at the start.</remarks>
public ref struct RtpHeaderWriter
{
    private readonly Span<byte> _destination;
    private readonly bool _twoByte;
    private int _at;
    private bool _any;

    /// <summary>Bytes written so far; before <see cref="Finish"/> without the padding.</summary>
    public readonly int Length => _at;

    /// <summary>Writes the fixed header.</summary>
    /// <param name="destination">At least 12 bytes plus what the extensions take.</param>
    /// <param name="marker">M bit.</param>
    /// <param name="payloadType">0 to 127.</param>
    /// <param name="sequenceNumber">Sequence number.</param>
    /// <param name="timestamp">Media time stamp.</param>
    /// <param name="ssrc">Synchronization source.</param>
    /// <param name="twoByte">Two-byte elements: needed for an id over 14, an empty value, or one over 16 bytes.</param>
    public RtpHeaderWriter(Span<byte> destination, bool marker, byte payloadType, SequenceNumber sequenceNumber, RtpTimestamp timestamp, Ssrc ssrc, bool twoByte = false)
    {
        _destination = destination;
        _twoByte = twoByte;
        destination[0] = 0x80;
        destination[1] = (byte)((marker ? 0x80 : 0) | payloadType);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], sequenceNumber.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], timestamp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], ssrc.Value);
        _at = RtpHeader.FixedSize;
    }

    /// <summary>Adds one element; an id of 0 (not negotiated) is left out.</summary>
    public void AddExtension(byte id, scoped ReadOnlySpan<byte> value)
    {
        if (id == 0) return;
        if (!_any)
        {
            _any = true;
            _destination[0] |= 0x10;
            BinaryPrimitives.WriteUInt16BigEndian(_destination[_at..], _twoByte ? (ushort)0x1000 : (ushort)0xBEDE);
            _at += 4;
        }
        if (_twoByte)
        {
            _destination[_at++] = id;
            _destination[_at++] = (byte)value.Length;
        }
        else
        {
            _destination[_at++] = (byte)(id << 4 | (value.Length - 1));
        }
        value.CopyTo(_destination[_at..]);
        _at += value.Length;
    }

    /// <summary>Pads the extension to 32 bits and writes its length.</summary>
    /// <returns>The header's length, a multiple of 4.</returns>
    public int Finish()
    {
        if (!_any) return _at;
        while (_at % 4 != 0) _destination[_at++] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(_destination[(RtpHeader.FixedSize + 2)..], (ushort)((_at - RtpHeader.FixedSize - 4) / 4));
        return _at;
    }
}
