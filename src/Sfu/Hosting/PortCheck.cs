using System.Net;
using System.Net.Sockets;
using Sfu.Configuration;

namespace Sfu.Hosting;

/// <summary>Tries the ports before anything starts: a port in use is then one sentence, and not a cluster that starts and stops again.</summary>
internal static class PortCheck
{
    /// <summary>Opens and closes each port of the configuration.</summary>
    /// <exception cref="StartUpException">One cannot be opened.</exception>
    public static void Check(HttpOptions http, MediaOptions media)
    {
        Try(ProtocolType.Tcp, http.Address, http.Port, "Sfu:Http:Port", "Sfu:Http:Address");
        if (media.TcpPort > 0) Try(ProtocolType.Tcp, media.Address, media.TcpPort, "Sfu:Media:TcpPort", "Sfu:Media:Address");
        if (media.UdpPort == 0) return;
        int workers = media.Workers == 0 ? Environment.ProcessorCount : media.Workers;
        for (int i = 0; i < workers; i++) Try(ProtocolType.Udp, media.Address, media.UdpPort + i, "Sfu:Media:UdpPort", "Sfu:Media:Address");
    }

    private static void Try(ProtocolType protocol, string address, int port, string portOption, string addressOption)
    {
        var local = new IPEndPoint(IPAddress.Parse(address), port);
        try
        {
            using var socket = new Socket(local.AddressFamily, protocol == ProtocolType.Tcp ? SocketType.Stream : SocketType.Dgram, protocol);
            socket.Bind(local);
            if (protocol == ProtocolType.Tcp) socket.Listen();
        }
        catch (SocketException e)
        {
            throw e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => new StartUpException(
                    ExitCode.Unavailable, $"{protocol.ToString().ToUpperInvariant()} port {port} on {address} is in use; stop the program that uses it, or set {portOption} to another.", e),
                SocketError.AccessDenied => new StartUpException(
                    ExitCode.Configuration, $"{portOption} is {port}, which this user may not open; use 1024 or more.", e),
                SocketError.AddressNotAvailable => new StartUpException(
                    ExitCode.Configuration, $"{addressOption} is {address}, which no interface of this machine has.", e),
                SocketError.AddressFamilyNotSupported => new StartUpException(
                    ExitCode.Configuration, $"{addressOption} is {address}, but this machine has no IPv6; use 0.0.0.0.", e),
                _ => new StartUpException(ExitCode.Unavailable, $"{portOption} {port} on {address} cannot be opened: {e.Message}.", e),
            };
        }
    }
}
