using Sfu.Router.Transport.Native;

namespace Sfu.Router.Transport;

/// <summary>DTLS datagrams of validated addresses, waiting for the turn's handshake budget; first come, first served.</summary>
/// <remarks>Owned by one media worker: a handshake step costs up to a millisecond, so 50 ClientHellos in one turn would stall
/// every call of the worker. Bounded in all and per transport; never asked by strangers.</remarks>
internal sealed class DtlsQueue : IDisposable
{
    /// <summary>Most datagrams that one transport may have waiting.</summary>
    internal const int PerTransport = 32;

    private const int Capacity = 1024;
    private const int SlotSize = 1536;                     // the longest datagram we take is 1,500 bytes

    private readonly NativeBlock _bytes = new(Capacity * SlotSize);
    private readonly Entry[] _entries = new Entry[Capacity];
    private int _first;
    private int _count;

    /// <summary>Nothing waits.</summary>
    internal bool IsEmpty => _count == 0;

    /// <summary>Appends a datagram of at most 1,500 bytes; false when the queue is full.</summary>
    internal bool TryAdd(ParticipantTransport transport, ReadOnlySpan<byte> datagram)
    {
        if (_count == Capacity || transport.QueuedDtls == PerTransport || datagram.Length > SlotSize) return false;
        int at = (_first + _count++) % Capacity;
        datagram.CopyTo(_bytes.Slice(at * SlotSize, SlotSize));
        _entries[at] = new Entry(transport, datagram.Length);
        transport.QueuedDtls++;
        return true;
    }

    /// <summary>Takes the oldest datagram; its bytes are valid until the next <see cref="TryAdd"/>.</summary>
    internal bool TryTake(out ParticipantTransport? transport, out ReadOnlySpan<byte> datagram)
    {
        transport = null;
        datagram = default;
        if (_count == 0) return false;
        Entry entry = _entries[_first];
        _entries[_first] = default;
        transport = entry.Transport;
        transport!.QueuedDtls--;
        datagram = _bytes.Slice(_first * SlotSize, entry.Length);
        _first = (_first + 1) % Capacity;
        _count--;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _bytes.Dispose();

    private readonly record struct Entry(ParticipantTransport? Transport, int Length);
}
