using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Sfu.Configuration;

namespace Sfu.Nodes.Workers;

/// <summary>Which addresses go into candidates.</summary>
internal static class LocalAddresses
{
    /// <summary>Most addresses that are advertised: more make every client's check list longer.</summary>
    internal const int Max = 8;

    /// <summary>The configured addresses; without any, those of this machine that the bind address covers.</summary>
    /// <exception cref="InvalidOperationException">An address cannot be read, or there is none.</exception>
    internal static IReadOnlyList<IPAddress> Advertised(MediaOptions options)
    {
        IPAddress bind = Parse(options.Address, "Sfu:Media:Address");
        IEnumerable<IPAddress> addresses = options.AdvertisedAddresses.Count > 0
            ? options.AdvertisedAddresses.Select(text => Parse(text, "Sfu:Media:AdvertisedAddresses"))
            : Covered(bind, OfInterfaces());
        IReadOnlyList<IPAddress> result = [.. addresses.Distinct().Take(Max)];
        return result.Count > 0
            ? result
            : throw new InvalidOperationException($"No address of this machine fits Sfu:Media:Address {bind}; set Sfu:Media:AdvertisedAddresses.");
    }

    /// <summary>Reads one address of the configuration.</summary>
    /// <exception cref="InvalidOperationException">It is no IP address.</exception>
    internal static IPAddress Parse(string text, string option) =>
        IPAddress.TryParse(text, out IPAddress? address)
            ? address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address
            : throw new InvalidOperationException($"{option} is \"{text}\"; use an IPv4 or IPv6 address.");

    /// <summary>The addresses a socket bound to <paramref name="bind"/> is reached at. Loopback counts only when there is nothing else.</summary>
    internal static IEnumerable<IPAddress> Covered(IPAddress bind, IReadOnlyList<IPAddress> interfaces)
    {
        bool isAny = bind.Equals(IPAddress.Any) || bind.Equals(IPAddress.IPv6Any);
        if (!isAny) return [bind];
        IPAddress[] fitting = [.. interfaces
            .Where(address => !address.IsIPv6LinkLocal && !address.IsIPv6Multicast)
            .Where(address => bind.Equals(IPAddress.IPv6Any) || address.AddressFamily == AddressFamily.InterNetwork)
            .OrderBy(address => address.AddressFamily == AddressFamily.InterNetworkV6 ? 0 : 1)];     // RFC 8421: IPv6 first
        IPAddress[] outside = [.. fitting.Where(address => !IPAddress.IsLoopback(address))];
        return outside.Length > 0 ? outside : fitting;
    }

    private static List<IPAddress> OfInterfaces()
    {
        var addresses = new List<IPAddress>();
        foreach (NetworkInterface one in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (one.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown)) continue;
            foreach (UnicastIPAddressInformation unicast in one.GetIPProperties().UnicastAddresses) addresses.Add(unicast.Address);
        }

        return addresses;
    }
}
