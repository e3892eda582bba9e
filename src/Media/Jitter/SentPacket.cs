using Sfu.Media.Rtp;

namespace Sfu.Media.Jitter;

/// <summary>What a consumer must remember of a packet it sent to send the same bytes again from the producer's ring.</summary>
/// <param name="SourceSequence">Lower 32 bits of the packet's unwrapped number on the producer's stream.</param>
/// <param name="Timestamp">Time stamp written for the viewer.</param>
/// <param name="PictureId">Picture id written for the viewer; 0 when the payload has none.</param>
/// <param name="Tl0PicIdx">TL0PICIDX written for the viewer; 0 when the payload has none.</param>
/// <param name="KeyIdx">KEYIDX written for the viewer, 0 to 31.</param>
/// <param name="Source">Which of the producer's streams, 0 to 7.</param>
/// <param name="HasMid">The header named the viewer's section.</param>
/// <param name="Check">Of the bytes that were this viewer's own, where they must be repeated exactly; else 0.</param>
public readonly record struct SentPacket(
    uint SourceSequence, RtpTimestamp Timestamp, ushort PictureId, byte Tl0PicIdx, byte KeyIdx, byte Source, bool HasMid = false, uint Check = 0);
