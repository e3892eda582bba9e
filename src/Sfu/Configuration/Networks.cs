using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Sfu.Configuration;

/// <summary>Reads networks in CIDR form and tells whether an address is in one of them.</summary>
public static class Networks
{
    /// <summary>Most networks in one option.</summary>
    public const int MaxCount = 32;

    /// <summary>127.0.0.0/8 and ::1.</summary>
    public static IReadOnlyList<IPNetwork> Loopback { get; } = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    /// <summary>Reads one network; a single address is a network of one.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPNetwork? network)
    {
        network = null;
        if (IPNetwork.TryParse(text, out IPNetwork parsed)) network = parsed;
        else if (IPAddress.TryParse(text, out IPAddress? address)) network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return network is not null;
    }

    /// <summary>Reads networks that a validator has seen before.</summary>
    public static IReadOnlyList<IPNetwork> Parse(IEnumerable<string> texts) =>
        [.. texts.Select(text => TryParse(text, out IPNetwork? network) ? network.Value : throw new FormatException($"'{text}' is no network."))];

    /// <summary>Adds a sentence for each text that is no network.</summary>
    public static void Check(ICollection<string> texts, string option, List<string> problems)
    {
        if (texts.Count > MaxCount) problems.Add($"{option} has {texts.Count} networks; use at most {MaxCount}.");
        problems.AddRange(texts.Where(text => !TryParse(text, out _))
            .Select(text => $"{option} has '{text}'; use networks such as 10.0.0.0/8 or fd00::/8, separated by commas."));
    }

    /// <summary>True when the address is in one of the networks; an IPv4 address in IPv6 form counts as IPv4 (CVE-2026-27624 was this).</summary>
    public static bool Contain(IReadOnlyList<IPNetwork> networks, IPAddress? address)
    {
        if (address is null) return false;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        foreach (IPNetwork network in networks)
        {
            if (network.Contains(address)) return true;
        }

        return false;
    }
}
