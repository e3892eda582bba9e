using Sfu.Rooms;

namespace Sfu.Nodes.Recording;

/// <summary>What is paused in one room: all of it, or identities, whoever has them.</summary>
/// <remarks>Guarded by its <see cref="RoomTaps"/>. Bounded by the owner of the recording, who orders and ends pauses.</remarks>
internal sealed class PauseMasks
{
    private readonly Dictionary<ParticipantId, string?> _identities = [];   // by whom the pause was ordered for
    private HashSet<string> _masked = [];

    /// <summary>The whole room is.</summary>
    internal bool IsRoom { get; private set; }

    /// <summary>Takes an order; the same again may name another identity.</summary>
    internal void Add(PauseOrder order)
    {
        if (order.Participant is { } participant) _identities[participant] = order.Identity;
        else IsRoom = true;
        Index();
    }

    /// <summary>Ends what was ordered for a participant, or (null) for the room; nothing when there is none.</summary>
    internal void Remove(ParticipantId? participant)
    {
        if (participant is { } one) _identities.Remove(one);
        else IsRoom = false;
        Index();
    }

    /// <summary>Ends all.</summary>
    internal void Clear()
    {
        IsRoom = false;
        _identities.Clear();
        Index();
    }

    /// <summary>Whether a participant is masked, by its present id, a former one or its identity.</summary>
    /// <param name="participant">Who.</param>
    /// <param name="identity">Its identity; null when nothing is known of it: it may be anybody's, and is masked while somebody's is.</param>
    internal bool Covers(ParticipantId participant, string? identity) =>
        IsRoom || _identities.ContainsKey(participant) || (identity is null ? _masked.Count > 0 : _masked.Contains(identity));

    private void Index() => _masked = [.. _identities.Values.OfType<string>()];
}
