using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sfu.Router.Transport.Native;

/// <summary>One epoll instance with room for 128 ready descriptors; owned by one thread.</summary>
/// <remarks>struct epoll_event is packed on x86-64 (12 bytes) and aligned elsewhere (16 bytes), so it is read by offset.</remarks>
internal sealed unsafe class Epoll : IDisposable
{
    private const int MaxEvents = 128;
    private const int MaxSignals = 100;

    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly int Stride = Packed ? 12 : 16;
    private static readonly int TokenAt = Packed ? 4 : 8;

    private readonly FileDescriptor _descriptor = FileDescriptor.FromResult(LibC.EpollCreate(LibCConstants.EpollCloseOnExec), "epoll_create1");
    private readonly NativeBlock _events = new(MaxEvents * 16);

    /// <summary>System calls that waited.</summary>
    internal long Waits { get; private set; }

    /// <summary>Starts watching a descriptor.</summary>
    /// <param name="descriptor">Not yet watched.</param>
    /// <param name="events">EPOLL* flags, level-triggered.</param>
    /// <param name="token">Given back by <see cref="Ready"/>.</param>
    /// <exception cref="IOException">The kernel refuses.</exception>
    internal void Add(FileDescriptor descriptor, uint events, long token) =>
        NativeErrors.ThrowIfFailed(Control(LibCConstants.EpollAdd, descriptor, events, token), "epoll_ctl");

    /// <summary>Starts watching a descriptor; false when the kernel refuses (its limit of watches per user).</summary>
    internal bool TryAdd(FileDescriptor descriptor, uint events, long token) => Control(LibCConstants.EpollAdd, descriptor, events, token) >= 0;

    /// <summary>Changes what a watched descriptor waits for.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    internal void Modify(FileDescriptor descriptor, uint events, long token) =>
        NativeErrors.ThrowIfFailed(Control(LibCConstants.EpollModify, descriptor, events, token), "epoll_ctl");

    /// <summary>Stops watching a descriptor that stays open.</summary>
    internal void Remove(FileDescriptor descriptor) => _ = Control(LibCConstants.EpollDelete, descriptor, 0, 0);

    /// <summary>Waits until a descriptor is ready or the time is over.</summary>
    /// <param name="timeoutMilliseconds">-1 waits without limit.</param>
    /// <returns>Number of ready descriptors; 0 after the time or a signal.</returns>
    internal int Wait(int timeoutMilliseconds)
    {
        Waits++;
        return Math.Max(0, LibC.EpollWait(_descriptor, _events.Pointer, MaxEvents, timeoutMilliseconds));
    }

    /// <summary>As <see cref="Wait"/>, but a signal does not end it: the runtime sends its threads some, when it stops them to collect garbage.</summary>
    /// <param name="timeoutMilliseconds">Not negative; begins again with each signal, of which the hundredth ends the wait.</param>
    /// <returns>Number of ready descriptors; 0 after the time.</returns>
    internal int WaitThroughSignals(int timeoutMilliseconds)
    {
        for (int signals = 1; ; signals++)
        {
            Waits++;
            int ready = LibC.EpollWait(_descriptor, _events.Pointer, MaxEvents, timeoutMilliseconds);
            if (ready >= 0) return ready;
            if (Marshal.GetLastSystemError() != Errno.Intr || signals == MaxSignals) return 0;
        }
    }

    /// <summary>The flags and token of a ready descriptor, for an index below the last result of <see cref="Wait"/>.</summary>
    internal uint Ready(int index, out long token)
    {
        byte* entry = _events.Pointer + (nint)index * Stride;
        token = Unsafe.ReadUnaligned<long>(entry + TokenAt);
        return Unsafe.ReadUnaligned<uint>(entry);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _descriptor.Dispose();
        _events.Dispose();
    }

    private int Control(int operation, FileDescriptor descriptor, uint events, long token)
    {
        byte* entry = stackalloc byte[16];
        Unsafe.WriteUnaligned(entry, events);
        Unsafe.WriteUnaligned(entry + TokenAt, token);
        return LibC.EpollControl(_descriptor, operation, descriptor.Number, entry);
    }
}
