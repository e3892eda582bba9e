using System.Buffers.Binary;
using Sfu.Media.Rtp;

namespace Sfu.Router.Producers;

/// <summary>What the header extensions of one incoming packet say; places are offsets into the packet.</summary>
/// <remarks>A value of a wrong length counts as absent: one section may use an id for something else (aiortc).</remarks>
internal readonly struct ExtensionValues
{
    private const int MaxSdesLength = 32;                  // RFC 8285 allows 255; ours and the clients' names are far shorter

    private readonly Flags _flags;
    private readonly short _midAt, _ridAt, _repairedAt, _captureAt;
    private readonly byte _midLength, _ridLength, _repairedLength, _captureLength;

    private ExtensionValues(ReadOnlySpan<byte> packet, in RtpHeader header, HeaderExtensionMap map)
    {
        this = default;
        var reader = new HeaderExtensionReader(packet, header);
        while (reader.MoveNext(out byte id, out ReadOnlySpan<byte> value))
        {
            short at = (short)(packet.Overlaps(value, out int offset) ? offset : 0);
            switch (map.KindOf(id))
            {
                case HeaderExtensionKind.Mid when value.Length is > 0 and <= MaxSdesLength:
                    (_midAt, _midLength) = (at, (byte)value.Length);
                    break;
                case HeaderExtensionKind.Rid when value.Length is > 0 and <= MaxSdesLength:
                    (_ridAt, _ridLength) = (at, (byte)value.Length);
                    break;
                case HeaderExtensionKind.RepairedRid when value.Length is > 0 and <= MaxSdesLength:
                    (_repairedAt, _repairedLength) = (at, (byte)value.Length);
                    break;
                case HeaderExtensionKind.AudioLevel when value.Length is 1 or 2:
                    _flags |= Flags.AudioLevel;            // the two-byte form has a byte of padding (RFC 6464 section 3)
                    AudioLevel = value[0];
                    break;
                case HeaderExtensionKind.TransportCc when value.Length >= 2:
                    _flags |= Flags.TransportCc;
                    TransportCc = new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(value));
                    break;
                case HeaderExtensionKind.VideoOrientation when value.Length == 1:
                    _flags |= Flags.Orientation;
                    Orientation = value[0];
                    break;
                case HeaderExtensionKind.AbsCaptureTime when value.Length is 8 or 16:
                    (_captureAt, _captureLength) = (at, (byte)value.Length);
                    break;
            }
        }
    }

    [Flags]
    private enum Flags : byte
    {
        None = 0,
        AudioLevel = 1,
        TransportCc = 2,
        Orientation = 4,
    }

    /// <summary>There is an audio level.</summary>
    internal bool HasAudioLevel => (_flags & Flags.AudioLevel) != 0;

    /// <summary>Voice bit and level in -dBov (RFC 6464).</summary>
    internal byte AudioLevel { get; }

    /// <summary>There is a transport-cc number.</summary>
    internal bool HasTransportCc => (_flags & Flags.TransportCc) != 0;

    /// <summary>The sender's transport-wide number.</summary>
    internal SequenceNumber TransportCc { get; }

    /// <summary>There is a video orientation.</summary>
    internal bool HasOrientation => (_flags & Flags.Orientation) != 0;

    /// <summary>Camera, flip and rotation bits.</summary>
    internal byte Orientation { get; }

    /// <summary>Reads the extensions of a packet.</summary>
    /// <param name="packet">The plain packet.</param>
    /// <param name="header">Its header.</param>
    /// <param name="map">The ids of the section it belongs to.</param>
    internal static ExtensionValues Read(ReadOnlySpan<byte> packet, in RtpHeader header, HeaderExtensionMap map) =>
        header.HasExtension ? new ExtensionValues(packet, header, map) : default;

    /// <summary>MID, or empty.</summary>
    internal ReadOnlySpan<byte> Mid(ReadOnlySpan<byte> packet) => packet.Slice(_midAt, _midLength);

    /// <summary>RID, or empty.</summary>
    internal ReadOnlySpan<byte> Rid(ReadOnlySpan<byte> packet) => packet.Slice(_ridAt, _ridLength);

    /// <summary>RID of the stream that this RTX packet repairs, or empty.</summary>
    internal ReadOnlySpan<byte> RepairedRid(ReadOnlySpan<byte> packet) => packet.Slice(_repairedAt, _repairedLength);

    /// <summary>abs-capture-time, or empty.</summary>
    internal ReadOnlySpan<byte> AbsCaptureTime(ReadOnlySpan<byte> packet) => packet.Slice(_captureAt, _captureLength);
}
