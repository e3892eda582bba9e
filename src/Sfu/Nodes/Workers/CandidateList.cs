using System.Net;
using System.Net.Sockets;

namespace Sfu.Nodes.Workers;

/// <summary>Writes the host candidates of one worker (RFC 8839 section 5.1, RFC 6544 section 4.5).</summary>
internal static class CandidateList
{
    private const int HostPreference = 126;                // RFC 8445 section 5.1.2.2
    private const int TcpPreference = 90;                  // below every UDP pair, as libwebrtc has it (ICE_TYPE_PREFERENCE_HOST_TCP)
    private const int TcpPassive = 4;                      // direction preference of a passive host candidate, RFC 6544 section 4.2
    private const int MaxOtherPreference = 8191;           // 13 bits, RFC 6544 section 4.2

    /// <summary>One UDP candidate per address, then one passive TCP candidate per address.</summary>
    /// <param name="addresses">Where clients reach us, the preferred one first; at most 64.</param>
    /// <param name="udpPort">The worker's UDP port.</param>
    /// <param name="tcpPort">The node's ICE-TCP port, or 0 for none.</param>
    /// <returns>Values of <c>a=candidate</c>.</returns>
    internal static IReadOnlyList<string> Write(IReadOnlyList<IPAddress> addresses, int udpPort, int tcpPort)
    {
        var candidates = new List<string>(addresses.Count * 2);
        for (int i = 0; i < addresses.Count; i++)
            candidates.Add($"{i + 1} 1 udp {Priority(HostPreference, ushort.MaxValue - i)} {Text(addresses[i])} {udpPort} typ host");
        for (int i = 0; tcpPort > 0 && i < addresses.Count; i++)
        {
            // The foundation differs from the UDP one's: same address, other protocol (RFC 8445 section 5.1.1.3).
            uint priority = Priority(TcpPreference, (TcpPassive << 13) | (MaxOtherPreference - i));
            candidates.Add($"{addresses.Count + i + 1} 1 tcp {priority} {Text(addresses[i])} {tcpPort} typ host tcptype passive");
        }

        return candidates;
    }

    // RFC 8445 section 5.1.2.1, component 1.
    private static uint Priority(int type, int local) => ((uint)type << 24) | ((uint)local << 8) | 255;

    // A scope id means nothing to another host.
    private static string Text(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()).ToString() : address.ToString();
}
