namespace Sfu.Router.Rooms;

/// <summary>Says when payload memory handed to an <see cref="IPacketOutput"/> is free again; one for all transports of a worker.</summary>
/// <remarks>Whoever owns such memory notes the epoch right after handing it over. It may be overwritten or freed once the epoch is
/// another one; whoever cannot wait for that calls <see cref="Drain"/>.</remarks>
public interface IPayloadFence
{
    /// <summary>Changes each time everything queued was protected: at the turn's end, and within a turn when the queue is full.</summary>
    long Epoch { get; }

    /// <summary>Protects everything queued now. Costs batching, so it is for the rare case.</summary>
    void Drain();
}
