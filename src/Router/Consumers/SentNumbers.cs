namespace Sfu.Router.Consumers;

/// <summary>What an outgoing stream counts beside its packet index: handed on to the next consumer when a viewer's section keeps its
/// SSRC, so that a decoder sees one stream with a pause and not one that jumps.</summary>
/// <param name="Timestamps">Time stamps that go on by the time that passed.</param>
/// <param name="Pictures">Picture ids of VP8 and VP9.</param>
/// <param name="PacketCount">Packets sent, without those sent again (RFC 3550 section 6.4.1: counted as long as the SSRC stays).</param>
/// <param name="OctetCount">Payload bytes sent.</param>
internal readonly record struct SentNumbers(OutgoingTimestamps Timestamps, PictureNumbers Pictures, long PacketCount, long OctetCount);
