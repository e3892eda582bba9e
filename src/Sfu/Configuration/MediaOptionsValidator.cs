using System.Net;
using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Checks <see cref="MediaOptions"/>.</summary>
internal sealed class MediaOptionsValidator(IOptions<HttpOptions> http) : IValidateOptions<MediaOptions>
{
    private const int MaxAdvertised = 8;
    private const int MaxWorkers = 64;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, MediaOptions options)
    {
        var problems = new List<string>();
        OptionRules.Range(problems, "Sfu:Media:UdpPort", options.UdpPort, 0, 65535);
        OptionRules.Range(problems, "Sfu:Media:TcpPort", options.TcpPort, -1, 65535);
        OptionRules.Range(problems, "Sfu:Media:Workers", options.Workers, 0, MaxWorkers);
        OptionRules.Range(problems, "Sfu:Media:MaxTrackKbps", options.MaxTrackKbps, 100, 100_000);
        OptionRules.Range(problems, "Sfu:Media:MaxParticipantKbps", options.MaxParticipantKbps, 100, 400_000);
        OptionRules.Range(problems, "Sfu:Media:LateAfter", options.LateAfter, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        if (!(options.SpanLoad >= 0 && options.SpanLoad <= 1))
        {
            problems.Add(FormattableString.Invariant($"Sfu:Media:SpanLoad is {options.SpanLoad}; use 0 to 1."));
        }

        if (options.MaxParticipantKbps < options.MaxTrackKbps)
        {
            problems.Add($"Sfu:Media:MaxParticipantKbps is {options.MaxParticipantKbps}; it must be at least Sfu:Media:MaxTrackKbps, {options.MaxTrackKbps}.");
        }

        int workers = options.Workers == 0 ? Environment.ProcessorCount : options.Workers;
        if (options.UdpPort is > 0 and <= 65535 && options.UdpPort + workers - 1 > 65535)
        {
            problems.Add($"Sfu:Media:UdpPort is {options.UdpPort} and {workers} workers take a port each; use at most {65536 - workers}.");
        }

        if (options.TcpPort > 0 && options.TcpPort == http.Value.Port)
        {
            problems.Add($"Sfu:Media:TcpPort and Sfu:Http:Port are both {options.TcpPort}; media and HTTP need a TCP port each.");
        }

        CheckAddresses(options, problems);
        return OptionRules.Result(problems);
    }

    private static void CheckAddresses(MediaOptions options, List<string> problems)
    {
        if (!IPAddress.TryParse(options.Address, out _))
        {
            problems.Add($"Sfu:Media:Address is '{options.Address}'; use an IP address such as 127.0.0.1, 0.0.0.0 or ::.");
        }

        if (options.AdvertisedAddresses.Count > MaxAdvertised)
        {
            problems.Add($"Sfu:Media:AdvertisedAddresses has {options.AdvertisedAddresses.Count} addresses; use at most {MaxAdvertised}.");
        }

        foreach (string text in options.AdvertisedAddresses)
        {
            if (!IPAddress.TryParse(text, out IPAddress? address))
            {
                problems.Add($"Sfu:Media:AdvertisedAddresses has '{text}'; use IP addresses that clients can reach, separated by commas.");
            }
            else if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.IsIPv6Multicast || address.Equals(IPAddress.Broadcast))
            {
                problems.Add($"Sfu:Media:AdvertisedAddresses has {text}, which no client can send to; name the address that clients reach.");
            }
        }
    }
}
