using System.Diagnostics.CodeAnalysis;
using Sfu.Media.Ice;
using Sfu.Router.Workers;

namespace Sfu.Router.Transport;

/// <summary>The worker's transports by slot, by id, by ICE user name fragment and by validated address.</summary>
/// <remarks>Owned by one media worker. Grows by commands only.</remarks>
internal sealed class TransportTable(ulong seed, IUfragDirectory? directory)
{
    private readonly Dictionary<TransportId, ParticipantTransport> _byId = [];
    private readonly UfragTable _byUfrag = new();
    private readonly AddressTable _byAddress = new(seed);
    private readonly Stack<int> _freeSlots = new();
    private ParticipantTransport?[] _bySlot = new ParticipantTransport?[16];
    private int _slotCount;

    /// <summary>Live transports.</summary>
    internal int Count => _byId.Count;

    /// <summary>Validated addresses of all transports.</summary>
    internal int AddressCount => _byAddress.Count;

    /// <summary>Slots ever used: they are numbered from 0.</summary>
    internal int SlotCount => _slotCount;

    /// <summary>The transport in a slot, or null.</summary>
    internal ParticipantTransport? this[int slot] => _bySlot[slot];

    /// <summary>Takes a free slot for a transport to come.</summary>
    internal int TakeSlot()
    {
        if (_freeSlots.TryPop(out int slot)) return slot;
        if (_slotCount == _bySlot.Length) Array.Resize(ref _bySlot, _slotCount * 2);
        return _slotCount++;
    }

    /// <summary>Gives back a slot that no transport came into.</summary>
    internal void ReturnSlot(int slot) => _freeSlots.Push(slot);

    /// <summary>Puts a transport into the slot it was made for.</summary>
    internal void Add(ParticipantTransport transport)
    {
        _bySlot[transport.Slot] = transport;
        _byId.Add(transport.Id, transport);
    }

    /// <summary>Lets packets find the transport by a user name fragment; false when another has it.</summary>
    internal bool TryAddUfrag(ParticipantTransport transport, string ufrag)
    {
        if (!_byUfrag.TryAdd(ufrag, transport.Slot)) return false;
        transport.Ufrags.Add(ufrag);
        directory?.Add(ufrag);
        return true;
    }

    /// <summary>Forgets all user name fragments of a transport but the newest.</summary>
    internal void KeepNewestUfrag(ParticipantTransport transport)
    {
        while (transport.Ufrags.Count > 1)
        {
            RemoveUfrag(transport.Ufrags[0]);
            transport.Ufrags.RemoveAt(0);
        }
    }

    /// <summary>Lets packets find the transport by a newly validated address, and no more by the one its agent has given up for it.</summary>
    /// <returns>The address that was given up, or null.</returns>
    internal TransportAddress? Bind(in TransportAddress address, ParticipantTransport transport)
    {
        List<TransportAddress> addresses = transport.Addresses;
        TransportAddress? givenUp = null;
        for (int i = addresses.Count - 1; i >= 0; i--)
        {
            if (transport.Ice.IsValidated(addresses[i])) continue;
            givenUp = addresses[i];
            _byAddress.Remove(addresses[i], transport.Slot);
            addresses.RemoveAt(i);
        }

        if (!addresses.Contains(address)) addresses.Add(address);
        _byAddress.Set(address, transport.Slot);
        return givenUp;
    }

    /// <summary>Removes a transport with all its names; its slot is free for another.</summary>
    internal void Remove(ParticipantTransport transport)
    {
        foreach (string ufrag in transport.Ufrags) RemoveUfrag(ufrag);
        foreach (TransportAddress address in transport.Addresses) _byAddress.Remove(address, transport.Slot);
        _byId.Remove(transport.Id);
        _bySlot[transport.Slot] = null;
        _freeSlots.Push(transport.Slot);
    }

    /// <summary>True when a transport has that id.</summary>
    internal bool TryFind(TransportId id, [NotNullWhen(true)] out ParticipantTransport? transport) => _byId.TryGetValue(id, out transport);

    /// <summary>The transport a user name fragment names, or null.</summary>
    internal ParticipantTransport? FindByUfrag(ReadOnlySpan<byte> ufrag)
    {
        int slot = _byUfrag.Find(ufrag);
        return slot < 0 ? null : _bySlot[slot];
    }

    /// <summary>The transport that validated an address, or null.</summary>
    internal ParticipantTransport? FindByAddress(in TransportAddress address)
    {
        int slot = _byAddress.Find(address);
        return slot < 0 ? null : _bySlot[slot];
    }

    private void RemoveUfrag(string ufrag)
    {
        _byUfrag.Remove(ufrag);
        directory?.Remove(ufrag);
    }
}
