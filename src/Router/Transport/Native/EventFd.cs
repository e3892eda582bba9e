namespace Sfu.Router.Transport.Native;

/// <summary>A wake-up bell for an epoll loop: any thread rings, the loop's thread silences it.</summary>
internal sealed unsafe class EventFd : IDisposable
{
    /// <summary>Opens a silent bell.</summary>
    /// <exception cref="IOException">The process has no descriptors left.</exception>
    internal EventFd() =>
        Descriptor = FileDescriptor.FromResult(
            LibC.EventFd(0, LibCConstants.EventFdNonBlock | LibCConstants.EventFdCloseOnExec), "eventfd");

    /// <summary>For the epoll registration.</summary>
    internal FileDescriptor Descriptor { get; }

    /// <summary>Makes the descriptor readable; cheap when it already is.</summary>
    internal void Ring()
    {
        ulong one = 1;
        _ = LibC.Write(Descriptor, &one, sizeof(ulong));     // EAGAIN: the counter is at its end, so it is readable anyway
    }

    /// <summary>Makes the descriptor unreadable again.</summary>
    internal void Silence()
    {
        ulong count;
        _ = LibC.Read(Descriptor, &count, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();
}
