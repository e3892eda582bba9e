using System.Runtime.InteropServices;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;

namespace Sfu.Router.Consumers;

/// <summary>What every packet needs of a consumer: two cache lines, which lie one consumer behind the other in the order in which a
/// producer's packets visit them.</summary>
/// <remarks>Owned by a <see cref="ConsumerTable"/>, changed by its consumer and by <see cref="FanOut"/>. What is rarely needed, or holds
/// references, is in the <see cref="Consumer"/>.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ConsumerLane
{
    /// <summary>Its size in bytes.</summary>
    internal const int Size = 128;

    /// <summary>Number of the stream whose packets are sent as they come; 0 while the consumer has to look at each of them.</summary>
    internal uint Stream;

    /// <summary>SSRC on the viewer's transport.</summary>
    internal Ssrc Ssrc;

    /// <summary>Packet numbers.</summary>
    internal NumberLine Packets;

    /// <summary>The viewer's transport on its worker.</summary>
    internal int Slot;

    /// <summary>A payload type of the producer whose payload is sent whole; 0xFF for none.</summary>
    internal byte SourceType;

    /// <summary>What that is to the viewer.</summary>
    internal byte ViewerType;

    /// <summary>Highest temporal layer that is sent.</summary>
    internal byte Temporal;

    /// <summary>Packets are repeated byte for byte when they are asked for again.</summary>
    internal bool IsRepeated;

    /// <summary>Header extensions.</summary>
    internal HeaderForm Form;

    /// <summary>Places of the consumer's <see cref="RetransmissionHistory"/>; null when the viewer asks for nothing again.</summary>
    internal SentEntry* History;

    /// <summary>Places of the history, less one.</summary>
    internal uint HistoryMask;

    /// <summary>Time stamp of the producer's newest frame that was looked at.</summary>
    internal RtpTimestamp NewestSource;

    /// <summary>Time stamps.</summary>
    internal OutgoingTimestamps Timestamps;

    /// <summary>Picture ids of VP8 and VP9.</summary>
    internal PictureNumbers Pictures;

    /// <summary>Packets sent, without those sent again (RFC 3550 section 6.4.1: counted as long as the SSRC stays).</summary>
    internal long PacketCount;

    /// <summary>Payload bytes sent.</summary>
    internal long OctetCount;

    /// <summary>Bytes handed to the transport.</summary>
    internal long Bytes;

    /// <summary>Where the history keeps a packet; there must be one.</summary>
    internal readonly SentEntry* PlaceOf(ulong index) => History + (index & HistoryMask);
}
