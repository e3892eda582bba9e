using Sfu.Router.Workers;

namespace Sfu.Nodes;

/// <summary>Numbers rooms, transports, producers and consumers of this process; none is ever used again.</summary>
internal sealed class NodeIds
{
    private long _last;

    /// <summary>A room on a worker; a room that comes back to a worker gets another.</summary>
    internal RoomId NextRoom() => new(Next());

    /// <summary>A transport.</summary>
    internal TransportId NextTransport() => new(Next());

    /// <summary>A producer.</summary>
    internal ProducerId NextProducer() => new(Next());

    /// <summary>A consumer.</summary>
    internal ConsumerId NextConsumer() => new(Next());

    private long Next() => Interlocked.Increment(ref _last);
}
