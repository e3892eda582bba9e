namespace Sfu.Router.Rooms;

/// <summary>Where a room hands what one transport sends. Implemented by the transport that owns keys and address; called on its worker only.</summary>
/// <remarks>Nothing is sent during the call: packets are queued, protected and sent by receiver at the end of the turn.</remarks>
public interface ITransportOutput
{
    /// <summary>Queues one RTP packet.</summary>
    void SendRtp(in OutgoingRtp packet);

    /// <summary>Queues one plain RTCP compound; copied during the call.</summary>
    void SendRtcp(ReadOnlySpan<byte> compound);
}
