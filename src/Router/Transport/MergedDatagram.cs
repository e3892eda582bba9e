using Sfu.Media;

namespace Sfu.Router.Transport;

/// <summary>A datagram that the kernel merged of several from one sender (UDP_GRO): parts of one length, the last one shorter or equal.</summary>
internal static class MergedDatagram
{
    /// <summary>Most parts that a kernel merges off the network; more come from a sender on this machine that wants to know what we do.</summary>
    internal const int MaxParts = 64;

    /// <summary>Checks what the kernel said of a datagram before it is cut.</summary>
    /// <param name="length">Bytes of the datagram.</param>
    /// <param name="part">Length of its parts.</param>
    /// <returns><see cref="DropReason.None"/> when it is made of 1 to <see cref="MaxParts"/> parts.</returns>
    internal static DropReason Check(int length, int part) =>
        part <= 0 || part > length ? DropReason.Truncated
        : ((long)length + part - 1) / part > MaxParts ? DropReason.TooLong
        : DropReason.None;
}
