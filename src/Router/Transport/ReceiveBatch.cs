using System.Runtime.CompilerServices;
using Sfu.Media.Ice;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Transport;

/// <summary>The worker's receive slab: up to 64 datagrams of at most 2 KiB taken from a UDP socket by one system call.</summary>
/// <remarks>Owned by one media worker. Datagrams may be changed in place and are valid until the next <see cref="Receive"/>.</remarks>
internal sealed unsafe class ReceiveBatch : IDisposable
{
    /// <summary>Most datagrams of one call.</summary>
    internal const int Capacity = 64;

    private const int SlotSize = 2048;
    private const int ControlSize = 24;                    // one cmsg with 32 bits: SO_RXQ_OVFL
    private const int NameSize = 32;

    private readonly NativeBlock _slots = new(Capacity * SlotSize);
    private readonly NativeBlock _names = new(Capacity * NameSize);
    private readonly NativeBlock _controls = new(Capacity * ControlSize);
    private readonly NativeBlock _vectors = new(Capacity * sizeof(IoVec));
    private readonly NativeBlock _headers = new(Capacity * sizeof(MMsgHdr));

    private int _used;                                     // headers the kernel wrote to in the last call

    internal ReceiveBatch()
    {
        for (int i = 0; i < Capacity; i++)
        {
            Vector(i) = new IoVec { Base = (nint)(_slots.Pointer + i * SlotSize), Length = SlotSize };
            ref MsgHdr header = ref Message(i).Header;
            header.Name = (nint)(_names.Pointer + i * NameSize);
            header.IoVec = (nint)Unsafe.AsPointer(ref Vector(i));
            header.IoVecLength = 1;
            header.Control = (nint)(_controls.Pointer + i * ControlSize);
        }

        _used = Capacity;
    }

    /// <summary>Datagrams the kernel had no room for since the socket was opened, modulo 2^32 (SO_RXQ_OVFL).</summary>
    internal uint KernelDrops { get; private set; }

    /// <summary>Takes what the socket has.</summary>
    /// <returns>Number of datagrams; 0 when there are none.</returns>
    internal int Receive(FileDescriptor socket)
    {
        for (int i = 0; i < _used; i++)                    // all 64 would be 4 KiB of stores for a call that often brings one datagram
        {
            ref MsgHdr header = ref Message(i).Header;     // the kernel overwrites these three
            header.NameLength = SockAddr.Size;
            header.ControlLength = ControlSize;
            header.Flags = 0;
        }

        int count = LibC.ReceiveMany(socket, (MMsgHdr*)_headers.Pointer, Capacity, LibCConstants.MsgDontWait, null);
        _used = Math.Max(count, 0);
        if (count <= 0) return 0;
        ReadKernelDrops(ref Message(count - 1).Header);    // the newest knows the most
        return count;
    }

    /// <summary>One datagram of the last call; empty when it did not fit its slot (none of ours is that long).</summary>
    internal Span<byte> Datagram(int index)
    {
        ref MMsgHdr message = ref Message(index);
        bool whole = (message.Header.Flags & LibCConstants.MsgTruncated) == 0;
        return new Span<byte>(_slots.Pointer + index * SlotSize, whole ? (int)message.Length : 0);
    }

    /// <summary>Where a datagram of the last call came from.</summary>
    internal TransportAddress From(int index) => SocketAddresses.Read(_names.Pointer + index * NameSize);

    /// <inheritdoc/>
    public void Dispose()
    {
        _headers.Dispose();
        _vectors.Dispose();
        _controls.Dispose();
        _names.Dispose();
        _slots.Dispose();
    }

    private void ReadKernelDrops(ref MsgHdr header)
    {
        if (header.ControlLength < (nuint)sizeof(CMsgHdr) + sizeof(uint)) return;
        var control = (CMsgHdr*)header.Control;
        if (control->Level == LibCConstants.SolSocket && control->Type == LibCConstants.SoReceiveQueueOverflow)
            KernelDrops = *(uint*)(control + 1);
    }

    private ref MMsgHdr Message(int index) => ref ((MMsgHdr*)_headers.Pointer)[index];

    private ref IoVec Vector(int index) => ref ((IoVec*)_vectors.Pointer)[index];
}
