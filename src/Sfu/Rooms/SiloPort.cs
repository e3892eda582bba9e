using System.Net;
using System.Net.Sockets;

namespace Sfu.Rooms;

/// <summary>A free loopback port for the silo, kept until the process ends: several servers run on one machine.</summary>
/// <remarks>The socket is bound and never listens. Linux lets the silo bind the same port beside it (both have SO_REUSEADDR, which .NET sets
/// for TCP) but gives it to nobody who asks for any port.</remarks>
internal sealed class SiloPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Takes a port.</summary>
    public SiloPort()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    /// <summary>Address and port.</summary>
    public IPEndPoint EndPoint { get; }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
