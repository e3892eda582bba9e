namespace Sfu.Router.Rooms;

/// <summary>Where rooms hand what their transports send: one for all transports of a worker, told by their slot. Called on the worker only.</summary>
/// <remarks>Nothing is sent during a call: packets are queued, protected and sent by receiver at the end of the turn. It is also the fence
/// of the payloads that wait in it.</remarks>
public interface IPacketOutput : IPayloadFence
{
    /// <summary>Queues one RTP packet.</summary>
    void SendRtp(int slot, in OutgoingRtp packet);

    /// <summary>Queues one plain RTCP compound; copied during the call.</summary>
    void SendRtcp(int slot, ReadOnlySpan<byte> compound);
}
