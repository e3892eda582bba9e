using System.Runtime.InteropServices;

namespace Sfu.Router.Consumers;

/// <summary>The consumers of one producer, and their lanes one behind the other in native memory: a packet visits them in this order.</summary>
/// <remarks>Owned by the producer. It changes by commands only, never while a packet is under way; lanes move then, so each consumer is told
/// where its own is.</remarks>
internal sealed unsafe class ConsumerTable : IDisposable
{
    private const int FirstCapacity = 4;

    private Consumer[] _consumers = [];
    private int _count;

    /// <summary>Consumers.</summary>
    internal int Count => _count;

    /// <summary>The consumers in the order of their lanes.</summary>
    internal ReadOnlySpan<Consumer> All => _consumers.AsSpan(0, _count);

    /// <summary>The first of <see cref="Count"/> lanes; valid until the table changes.</summary>
    internal ConsumerLane* Lanes { get; private set; }

    /// <summary>Adds a consumer behind the others, with an empty lane.</summary>
    internal void Add(Consumer consumer)
    {
        if (_count == _consumers.Length) Grow();
        _consumers[_count] = consumer;
        Lanes[_count] = default;
        consumer.Lane = Lanes + _count++;
    }

    /// <summary>Removes a consumer; those behind it move up.</summary>
    /// <returns>False when it is not here.</returns>
    internal bool Remove(Consumer consumer)
    {
        int at = Array.IndexOf(_consumers, consumer, 0, _count);
        if (at < 0) return false;
        _count--;
        for (int i = at; i < _count; i++)
        {
            Lanes[i] = Lanes[i + 1];
            _consumers[i] = _consumers[i + 1];
            _consumers[i].Lane = Lanes + i;
        }

        _consumers[_count] = null!;
        consumer.Lane = null;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Consumer consumer in All) consumer.Lane = null;
        _count = 0;
        NativeMemory.AlignedFree(Lanes);
        Lanes = null;
        _consumers = [];
    }

    private void Grow()
    {
        int capacity = Math.Max(FirstCapacity, _count * 2);
        var lanes = (ConsumerLane*)NativeMemory.AlignedAlloc((nuint)capacity * ConsumerLane.Size, ConsumerLane.Size);
        new Span<ConsumerLane>(Lanes, _count).CopyTo(new Span<ConsumerLane>(lanes, _count));
        NativeMemory.AlignedFree(Lanes);
        Lanes = lanes;
        Array.Resize(ref _consumers, capacity);
        for (int i = 0; i < _count; i++) _consumers[i].Lane = lanes + i;
    }
}
