using System.Net;
using System.Net.Sockets;
using Sfu.Media.Ice;

namespace Sfu.Router.Tests.Transport;

/// <summary>A client's UDP socket on loopback whose every wait ends after ten seconds.</summary>
internal sealed class LoopbackSocket : IDisposable
{
    private readonly Socket _socket;

    internal LoopbackSocket(IPAddress address)
    {
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000, ReceiveBufferSize = 4 * 1024 * 1024 };
        _socket.Bind(new IPEndPoint(address, 0));
    }

    /// <summary>Where it is.</summary>
    internal TransportAddress Address => TransportAddress.From((IPEndPoint)_socket.LocalEndPoint!);

    /// <summary>Sends one datagram to a port of the same loopback address.</summary>
    internal void Send(int port, ReadOnlySpan<byte> datagram) =>
        _socket.SendTo(datagram, new IPEndPoint(((IPEndPoint)_socket.LocalEndPoint!).Address, port));

    /// <summary>Waits for one datagram.</summary>
    internal byte[] Receive()
    {
        var buffer = new byte[65_536];
        int length = _socket.Receive(buffer);
        return buffer[..length];
    }

    /// <summary>True when a datagram waits.</summary>
    internal bool HasMore => _socket.Available > 0;

    public void Dispose() => _socket.Dispose();
}
