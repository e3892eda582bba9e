using System.Runtime.CompilerServices;
using Sfu.Media.Ice;

namespace Sfu.Router.Transport;

/// <summary>Validated remote addresses to transport slots: open addressing with linear probing, no allocation when looking up.</summary>
/// <remarks>Owned by one media worker. Only addresses that passed an authenticated check are in it, so strangers cannot fill it;
/// the seed keeps them from choosing ports that collide.</remarks>
internal sealed class AddressTable(ulong seed)
{
    private const int Empty = -1;
    private const int InitialCapacity = 64;                // a power of two, always at least twice the entries

    private Entry[] _entries = NewEntries(InitialCapacity);

    /// <summary>Number of addresses.</summary>
    internal int Count { get; private set; }

    /// <summary>The transport slot of an address, or -1.</summary>
    internal int Find(in TransportAddress address)
    {
        Entry[] entries = _entries;
        int mask = entries.Length - 1;
        for (int i = Hash(address) & mask; ; i = (i + 1) & mask)
        {
            ref readonly Entry entry = ref entries[i];
            if (entry.Slot == Empty) return Empty;
            if (entry.Address == address) return entry.Slot;
        }
    }

    /// <summary>Adds an address, or moves it to another transport: the latest authenticated check wins.</summary>
    internal void Set(in TransportAddress address, int slot)
    {
        if (Count * 2 >= _entries.Length) Grow();
        int mask = _entries.Length - 1;
        int i = Hash(address) & mask;
        while (_entries[i].Slot != Empty && _entries[i].Address != address) i = (i + 1) & mask;
        if (_entries[i].Slot == Empty) Count++;
        _entries[i] = new Entry(address, slot);
    }

    /// <summary>Removes an address, if it leads to that transport.</summary>
    internal void Remove(in TransportAddress address, int slot)
    {
        int mask = _entries.Length - 1;
        int gap = Hash(address) & mask;
        while (_entries[gap].Slot != Empty && _entries[gap].Address != address) gap = (gap + 1) & mask;
        if (_entries[gap].Slot != slot) return;
        Count--;
        for (int i = (gap + 1) & mask; _entries[i].Slot != Empty; i = (i + 1) & mask)
        {
            int home = Hash(_entries[i].Address) & mask;
            bool staysReachable = ((i - home) & mask) < ((i - gap) & mask);
            if (staysReachable) continue;
            _entries[gap] = _entries[i];
            gap = i;
        }

        _entries[gap] = new Entry(default, Empty);
    }

    private static Entry[] NewEntries(int capacity)
    {
        var entries = new Entry[capacity];
        Array.Fill(entries, new Entry(default, Empty));
        return entries;
    }

    private void Grow()
    {
        Entry[] old = _entries;
        _entries = NewEntries(old.Length * 2);
        Count = 0;
        foreach (Entry entry in old)
            if (entry.Slot != Empty) Set(entry.Address, entry.Slot);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Hash(in TransportAddress address)
    {
        // Two rounds of multiply and fold (as splitmix64 finishes): every bit of address, port and connection reaches the low bits.
        ulong h = (address.Low ^ seed) * 0xBF58476D1CE4E5B9;
        h ^= address.High + ((ulong)address.Port << 32) + (uint)address.Connection * 2UL + (ulong)address.Protocol;
        h = (h ^ (h >> 30)) * 0x94D049BB133111EB;
        return (int)(h >> 33);
    }

    private readonly record struct Entry(TransportAddress Address, int Slot);
}
