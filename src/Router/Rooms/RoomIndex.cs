using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Rooms;

/// <summary>Which room of a worker has a producer or consumer: commands name those by id alone.</summary>
/// <remarks>Owned by one media worker; the rooms keep it up to date. Grows by commands only.</remarks>
internal sealed class RoomIndex
{
    private readonly Dictionary<ProducerId, RoomId> _byProducer = [];
    private readonly Dictionary<ConsumerId, RoomId> _byConsumer = [];

    /// <summary>Notes where a producer lives; false when its id is taken.</summary>
    internal bool TryAdd(ProducerId producer, RoomId room) => _byProducer.TryAdd(producer, room);

    /// <summary>Notes where a consumer lives; false when its id is taken.</summary>
    internal bool TryAdd(ConsumerId consumer, RoomId room) => _byConsumer.TryAdd(consumer, room);

    /// <summary>Forgets a producer.</summary>
    internal void Remove(ProducerId producer) => _byProducer.Remove(producer);

    /// <summary>Forgets a consumer.</summary>
    internal void Remove(ConsumerId consumer) => _byConsumer.Remove(consumer);

    /// <summary>The room a command for an existing producer or consumer concerns; null when that is gone.</summary>
    internal RoomId? Find(WorkerCommand command) => command switch
    {
        UpdateProducer c => Find(c.Producer),
        SetProducerMuted c => Find(c.Producer),
        RemoveProducer c => Find(c.Producer),
        AddTap c => Find(c.Producer),
        RemoveTap c => Find(c.Producer),
        SetRecorderLease c => Find(c.Producer),
        PipeRequest c => Find(c.Channel.Origin),
        SetConsumerPreferences c => Find(c.Consumer),
        RemoveConsumer c => Find(c.Consumer),
        _ => null,
    };

    private RoomId? Find(ProducerId producer) => _byProducer.TryGetValue(producer, out RoomId room) ? room : null;

    private RoomId? Find(ConsumerId consumer) => _byConsumer.TryGetValue(consumer, out RoomId room) ? room : null;
}
