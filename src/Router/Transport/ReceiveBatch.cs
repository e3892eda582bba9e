using System.Runtime.CompilerServices;
using Sfu.Media.Ice;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Transport;

/// <summary>The worker's receive slab: up to 64 datagrams of at most 2 KiB taken from a UDP socket by one system call, or up to 32 of 64 KiB,
/// each of which may be several that the kernel merged (UDP_GRO).</summary>
/// <remarks>Owned by one media worker. Datagrams may be changed in place and are valid until the next <see cref="Receive"/>. Of a long slot
/// only the pages that something was received into take memory.</remarks>
internal sealed unsafe class ReceiveBatch : IDisposable
{
    private const int Slots = 64;
    private const int SlotSize = 2048;
    private const int MergedSlots = 32;
    private const int MergedSlotSize = 33 * SlotSize;      // no power of two: slots would share the same lines of the cache
    private const int OneControl = 24;                     // one cmsg with 32 bits
    private const int ControlSize = 2 * OneControl;        // SO_RXQ_OVFL, UDP_GRO
    private const int NameSize = 32;

    private readonly int _slotSize;
    private readonly NativeBlock _slots;
    private readonly NativeBlock _names = new(Slots * NameSize);
    private readonly NativeBlock _controls = new(Slots * ControlSize);
    private readonly NativeBlock _vectors = new(Slots * sizeof(IoVec));
    private readonly NativeBlock _headers = new(Slots * sizeof(MMsgHdr));

    private int _used;                                     // headers the kernel wrote to in the last call

    /// <summary>Makes an empty slab.</summary>
    /// <param name="merged">Whether the socket takes merged datagrams (<see cref="MergeProbe.TryEnable"/>): what is longer than its slot is lost.</param>
    internal ReceiveBatch(bool merged = false)
    {
        Capacity = merged ? MergedSlots : Slots;
        _slotSize = merged ? MergedSlotSize : SlotSize;
        _slots = new NativeBlock(Capacity * _slotSize);
        for (int i = 0; i < Capacity; i++)
        {
            Vector(i) = new IoVec { Base = (nint)(_slots.Pointer + i * _slotSize), Length = (nuint)_slotSize };
            ref MsgHdr header = ref Message(i).Header;
            header.Name = (nint)(_names.Pointer + i * NameSize);
            header.IoVec = (nint)Unsafe.AsPointer(ref Vector(i));
            header.IoVecLength = 1;
            header.Control = (nint)(_controls.Pointer + i * ControlSize);
        }

        _used = Capacity;
    }

    /// <summary>Most datagrams of one call.</summary>
    internal int Capacity { get; }

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

        int count = LibC.ReceiveMany(socket, (MMsgHdr*)_headers.Pointer, (uint)Capacity, LibCConstants.MsgDontWait, null);
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
        return new Span<byte>(_slots.Pointer + index * _slotSize, whole ? (int)message.Length : 0);
    }

    /// <summary>Length of the parts that the kernel merged to a datagram of the last call; 0 when it is one that was not merged. It may be
    /// anything: <see cref="MergedDatagram.Check"/>.</summary>
    internal int PartLength(int index)
    {
        ref MsgHdr header = ref Message(index).Header;
        if (header.ControlLength == 0) return 0;
        for (byte* at = (byte*)header.Control, end = at + header.ControlLength; end - at >= sizeof(CMsgHdr) + sizeof(int); at += OneControl)
        {
            var control = (CMsgHdr*)at;                    // both that we asked for are of one size
            if (control->Level == LibCConstants.SolUdp && control->Type == LibCConstants.UdpGro)
            {
                int length = *(int*)(control + 1);
                return length == 0 ? -1 : length;          // 0 stands for none
            }
        }

        return 0;
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
