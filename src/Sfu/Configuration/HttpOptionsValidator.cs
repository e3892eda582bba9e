using System.Net;
using Microsoft.Extensions.Options;
using Sfu.Security;

namespace Sfu.Configuration;

/// <summary>Checks <see cref="HttpOptions"/>: also that nothing but loopback is reachable without keys, or without TLS.</summary>
internal sealed class HttpOptionsValidator(ConfiguredKeys configured) : IValidateOptions<HttpOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, HttpOptions options)
    {
        var problems = new List<string>();
        OptionRules.Range(problems, "Sfu:Http:Port", options.Port, 0, 65535);
        OptionRules.Range(problems, "Sfu:Http:MaxConnections", options.MaxConnections, 16, 1_000_000);
        Networks.Check(options.TrustedProxies, "Sfu:Http:TrustedProxies", problems);
        CheckFiles(options, problems);
        if (!IPAddress.TryParse(options.Address, out IPAddress? address))
        {
            problems.Add($"Sfu:Http:Address is '{options.Address}'; use an IP address such as 127.0.0.1, 0.0.0.0 or ::.");
        }
        else if (!IPAddress.IsLoopback(address))
        {
            CheckPublic(options, problems);
        }

        return OptionRules.Result(problems);
    }

    private void CheckPublic(HttpOptions options, List<string> problems)
    {
        if (configured.Keys.Count == 0)
        {
            problems.Add($"Sfu:Http:Address is {options.Address}, which others can reach, and no API key is configured; "
                + "set Sfu:ApiKeys:{name} to a secret of 32 characters or more (openssl rand -hex 32), or listen on 127.0.0.1.");
        }

        if (options.Certificate.Length == 0 && !options.AllowPlain)
        {
            problems.Add($"Sfu:Http:Address is {options.Address}, which others can reach, without TLS; set Sfu:Http:Certificate and "
                + "Sfu:Http:CertificateKey, or Sfu:Http:AllowPlain=true when a proxy in front does TLS.");
        }
    }

    private static void CheckFiles(HttpOptions options, List<string> problems)
    {
        if (options.Certificate.Length > 0 != options.CertificateKey.Length > 0)
        {
            problems.Add("Sfu:Http:Certificate and Sfu:Http:CertificateKey belong together; set both or none.");
            return;
        }

        foreach ((string option, string file) in new[] { ("Sfu:Http:Certificate", options.Certificate), ("Sfu:Http:CertificateKey", options.CertificateKey) })
        {
            if (file.Length > 0 && !File.Exists(file)) problems.Add($"{option} is '{file}', which is no file that this user can see.");
        }
    }
}
