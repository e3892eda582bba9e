namespace Sfu.Router.Consumers;

/// <summary>What an outgoing stream counts beside its packet index: handed on to the next consumer when a viewer's section keeps its
/// SSRC, so that a decoder sees one stream with a pause and not one that jumps.</summary>
/// <remarks>Owned by one consumer, between two by their transport.</remarks>
/// <param name="timestamps">Time stamps that go on by the time that passed.</param>
internal sealed class SentNumbers(OutgoingTimestamps timestamps)
{
    /// <summary>Time stamps.</summary>
    internal OutgoingTimestamps Timestamps { get; } = timestamps;

    /// <summary>Picture ids of VP8 and VP9.</summary>
    internal PictureNumbers Pictures { get; } = new();

    /// <summary>Packets sent, without those sent again (RFC 3550 section 6.4.1: counted as long as the SSRC stays).</summary>
    internal long PacketCount { get; set; }

    /// <summary>Payload bytes sent.</summary>
    internal long OctetCount { get; set; }
}
