using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Router.Consumers;

/// <summary>Packets of one viewer that are to be sent again and wait for their turn, as numbers only, in the order in which they were asked for.</summary>
/// <remarks>Owned by a transport, and made when something has to wait for the first time. No allocation after that. The packets stay where they
/// are: in the rings of their producers.</remarks>
internal sealed class RepairQueue
{
    /// <summary>Most that wait: four times as many as may be sent again at once (<see cref="RetransmissionBudget.Burst"/>); they take 6 kB.</summary>
    internal const int Capacity = 256;

    private readonly Entry[] _entries = new Entry[Capacity];
    private int _first;

    /// <summary>How many wait.</summary>
    internal int Count { get; private set; }

    /// <summary>There is no place for another.</summary>
    internal bool IsFull => Count == Capacity;

    /// <summary>The one that has waited longest; there must be one.</summary>
    internal ref readonly Entry Oldest => ref At(0);

    /// <summary>Adds one behind the others; it must not be full.</summary>
    internal void Add(in Entry entry)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(IsFull, true);
        Count++;
        At(Count - 1) = entry;
    }

    /// <summary>Takes the one that has waited longest; there must be one.</summary>
    internal Entry Take()
    {
        Entry oldest = Oldest;
        At(0) = default;                                   // nothing refers to its consumer any more
        _first = (_first + 1) % Capacity;
        Count--;
        return oldest;
    }

    /// <summary>Takes out all of a consumer that ends; the others keep their order.</summary>
    /// <returns>How many it had.</returns>
    internal int Remove(Consumer consumer)
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
            if (At(i).Consumer != consumer) At(kept++) = At(i);
        for (int i = kept; i < Count; i++) At(i) = default;
        int removed = Count - kept;
        Count = kept;
        return removed;
    }

    private ref Entry At(int place) => ref _entries[(_first + place) % Capacity];

    /// <summary>One packet.</summary>
    /// <param name="Consumer">Whose.</param>
    /// <param name="Number">Its sequence number on the viewer's SSRC.</param>
    /// <param name="AskedAt">When the viewer asked for it.</param>
    internal readonly record struct Entry(Consumer Consumer, SequenceNumber Number, MediaTime AskedAt);
}
