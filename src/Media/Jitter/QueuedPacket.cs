using Sfu.Media.Time;

namespace Sfu.Media.Jitter;

/// <summary>One packet that waits for its turn.</summary>
/// <param name="Sequence">Extended sequence number.</param>
/// <param name="Timestamp">Extended time stamp.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="Place">Where its bytes are.</param>
/// <param name="PayloadAt">Where its payload begins.</param>
/// <param name="PayloadLength">Payload without padding; 0 for padding only.</param>
/// <param name="DescriptorAt">Where its dependency descriptor begins.</param>
/// <param name="DescriptorLength">Length of that, or 0.</param>
/// <param name="Orientation">The CVO byte, or -1.</param>
/// <param name="PayloadType">0 to 127.</param>
/// <param name="Marker">RTP marker.</param>
/// <param name="IsKeyFrame">Begins a key frame.</param>
internal readonly record struct QueuedPacket(
    long Sequence, long Timestamp, MediaTime ReceivedAt, int Place, ushort PayloadAt, ushort PayloadLength, ushort DescriptorAt,
    byte DescriptorLength, short Orientation, byte PayloadType, bool Marker, bool IsKeyFrame);
