using Microsoft.Extensions.Options;

namespace Sfu.Configuration;

/// <summary>Checks <see cref="SignallingOptions"/> at the start: one sentence for each value that cannot be used.</summary>
internal sealed class SignallingOptionsValidator : IValidateOptions<SignallingOptions>
{
    private const string Section = SignallingOptions.Section;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, SignallingOptions options)
    {
        var problems = new List<string>();
        CheckTimes(options, problems);
        CheckNumbers(options, problems);
        CheckOrigins(options, problems);
        CheckServers(options, problems);
        return OptionRules.Result(problems);
    }

    private static void CheckTimes(SignallingOptions options, List<string> problems)
    {
        OptionRules.Range(problems, $"{Section}:{nameof(options.ResumeWindow)}", options.ResumeWindow, 5 * Second, 10 * Minute);
        OptionRules.Range(problems, $"{Section}:{nameof(options.SilenceTimeout)}", options.SilenceTimeout, 3 * Second, Minute);
        OptionRules.Range(problems, $"{Section}:{nameof(options.JoinTimeout)}", options.JoinTimeout, Second, Minute);
        OptionRules.Range(problems, $"{Section}:{nameof(options.IdleTimeout)}", options.IdleTimeout, 3 * Second, 5 * Minute);
        OptionRules.Range(problems, $"{Section}:{nameof(options.PingInterval)}", options.PingInterval, Second, Minute);
        OptionRules.Range(problems, $"{Section}:{nameof(options.MessageTimeout)}", options.MessageTimeout, Second, Minute);
        OptionRules.Range(problems, $"{Section}:{nameof(options.RequestTimeout)}", options.RequestTimeout, Second, Minute);
        OptionRules.Range(problems, $"{Section}:{nameof(options.WhepWait)}", options.WhepWait, TimeSpan.Zero, Minute);
        OptionRules.Range(problems, $"{Section}:{nameof(options.WhepLinger)}", options.WhepLinger, TimeSpan.Zero, 10 * Minute);
        OptionRules.Range(problems, $"{Section}:{nameof(options.HttpConnectTimeout)}", options.HttpConnectTimeout, 5 * Second, 5 * Minute);
        if (options.IdleTimeout < 2 * options.PingInterval)
            problems.Add($"{Section}:IdleTimeout is {options.IdleTimeout}; use at least twice {Section}:PingInterval ({options.PingInterval}).");
    }

    private static void CheckNumbers(SignallingOptions options, List<string> problems)
    {
        OptionRules.Range(problems, $"{Section}:{nameof(options.MessagesPerSecond)}", options.MessagesPerSecond, 1, 1000);
        OptionRules.Range(problems, $"{Section}:{nameof(options.MessageBurst)}", options.MessageBurst, 1, 10_000);
        OptionRules.Range(problems, $"{Section}:{nameof(options.DataBytesPerSecond)}", options.DataBytesPerSecond, 1024, 16 << 20);
        OptionRules.Range(problems, $"{Section}:{nameof(options.FrameBytes)}", options.FrameBytes, 4096, 1 << 20);
        OptionRules.Range(problems, $"{Section}:{nameof(options.OfferBytes)}", options.OfferBytes, 65_536, 2 << 20);
        OptionRules.Range(problems, $"{Section}:{nameof(options.OutgoingMessages)}", options.OutgoingMessages, 16, 65_536);
        OptionRules.Range(problems, $"{Section}:{nameof(options.OutgoingBytes)}", options.OutgoingBytes, 1 << 20, 64 << 20);
        OptionRules.Range(problems, $"{Section}:{nameof(options.SocketsPerAddress)}", options.SocketsPerAddress, 1, 100_000);
        OptionRules.Range(problems, $"{Section}:{nameof(options.UnjoinedPerAddress)}", options.UnjoinedPerAddress, 1, 10_000);
        OptionRules.Range(problems, $"{Section}:{nameof(options.NewSocketsPerAddress)}", options.NewSocketsPerAddress, 1, 10_000);
        OptionRules.Range(problems, $"{Section}:{nameof(options.FailuresPerAddress)}", options.FailuresPerAddress, 1, 10_000);
        OptionRules.Range(problems, $"{Section}:{nameof(options.HttpBodyBytes)}", options.HttpBodyBytes, 16_384, 2 << 20);
    }

    private static void CheckOrigins(SignallingOptions options, List<string> problems)
    {
        if (options.AllowedOrigins.Count > 64) problems.Add($"{Section}:AllowedOrigins has {options.AllowedOrigins.Count} entries; use at most 64.");
        foreach (string origin in options.AllowedOrigins)
        {
            // '*' would let every page on the web use the tokens its visitors hold.
            if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https")
                || uri.GetLeftPart(UriPartial.Authority) != origin)
            {
                problems.Add($"{Section}:AllowedOrigins has '{origin}'; use scheme, host and port only, such as https://app.example.");
            }
        }
    }

    private static void CheckServers(SignallingOptions options, List<string> problems)
    {
        if (options.IceServers.Count > 8) problems.Add($"{Section}:IceServers has {options.IceServers.Count} entries; use at most 8.");
        for (int i = 0; i < options.IceServers.Count; i++)
        {
            IceServerOptions server = options.IceServers[i];
            string at = $"{Section}:IceServers:{i}";
            if (server.Urls.Count is < 1 or > 8) problems.Add($"{at}:Urls has {server.Urls.Count} entries; use 1 to 8.");
            bool isTurn = false;
            foreach (string url in server.Urls)
            {
                isTurn |= url.StartsWith("turn", StringComparison.Ordinal);
                if (!IsServerUrl(url)) problems.Add($"{at}:Urls has '{url}'; use stun:, stuns:, turn: or turns: with a host.");
            }

            bool isFixed = server.Username.Length > 0 && server.Credential.Length > 0;
            if (isTurn && isFixed == server.Secret.Length > 0)
                problems.Add($"{at} is a TURN server; give it either Username and Credential, or Secret.");
            if (server.CredentialLifetime < Minute || server.CredentialLifetime > TimeSpan.FromHours(24))
                problems.Add($"{at}:CredentialLifetime is {server.CredentialLifetime}; use 1 min to 24 h.");
        }
    }

    private static bool IsServerUrl(string url)
    {
        int colon = url.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || url[..colon] is not ("stun" or "stuns" or "turn" or "turns") || url.Length == colon + 1) return false;
        foreach (char c in url)
        {
            // The address is written into a header and into JSON for browsers: nothing that could end either.
            if (!char.IsAsciiLetterOrDigit(c) && c is not (':' or '.' or '-' or '_' or '[' or ']' or '?' or '=')) return false;
        }

        return true;
    }
}
