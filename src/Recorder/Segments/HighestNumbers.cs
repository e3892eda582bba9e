using System.Buffers.Binary;

namespace Sfu.Recorder.Segments;

/// <summary>The highest sequence number of each stream so far, for reports that stand between the packets of one chunk.</summary>
/// <remarks>Given records in the order of the journal; not thread-safe. Remembers at most 4,096 streams.</remarks>
internal sealed class HighestNumbers
{
    private const int MaxStreams = 4096;

    private readonly Dictionary<(uint Track, uint Ssrc), ushort> _highest = [];

    /// <summary>Takes an RTP packet.</summary>
    internal void OnRtp(uint track, ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 12) return;
        (uint, uint) stream = (track, BinaryPrimitives.ReadUInt32BigEndian(packet[8..]));
        ushort number = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        if (_highest.TryGetValue(stream, out ushort highest) && (short)(number - highest) <= 0) return;   // RFC 1982: came late
        if (_highest.Count == MaxStreams) _highest.Clear();
        _highest[stream] = number;
    }

    /// <summary>The highest number received of the stream that an RTCP packet is about; null when none is known.</summary>
    internal ushort? Of(uint track, ReadOnlySpan<byte> rtcp) =>
        rtcp.Length >= 8 && _highest.TryGetValue((track, BinaryPrimitives.ReadUInt32BigEndian(rtcp[4..])), out ushort highest) ? highest : null;
}
