using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Router.Transport.Native;

namespace Sfu.Router.Transport;

/// <summary>Where a TCP connection belongs, by its first frame.</summary>
internal enum TcpPlacement
{
    /// <summary>The connection is for a transport of this worker.</summary>
    Here,

    /// <summary>The connection is for a transport of another worker.</summary>
    Elsewhere,

    /// <summary>The connection is for nobody: close it.</summary>
    Refuse,
}

/// <summary>Who gets the frames of a worker's TCP connections.</summary>
internal interface ITcpOwner
{
    /// <summary>Decides by the first frame where a connection belongs; only looks.</summary>
    TcpPlacement Place(ReadOnlySpan<byte> firstFrame);

    /// <summary>Gives a connection to the worker that its first frame names; the callee owns the socket from now on.</summary>
    /// <param name="socket">Not registered with any epoll.</param>
    /// <param name="remote">The client's address.</param>
    /// <param name="firstFrame">The frame without its length.</param>
    /// <param name="rest">What was received behind it.</param>
    void HandOver(FileDescriptor socket, in TransportAddress remote, ReadOnlySpan<byte> firstFrame, ReadOnlySpan<byte> rest);

    /// <summary>One frame; it may be changed in place and is valid during the call.</summary>
    void OnFrame(MediaTime now, in TransportAddress from, Span<byte> frame);
}
