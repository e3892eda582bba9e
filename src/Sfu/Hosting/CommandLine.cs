namespace Sfu.Hosting;

/// <summary>Checks the arguments: the configuration would silently ignore what it does not understand.</summary>
internal static class CommandLine
{
    /// <summary>What <c>--help</c> prints.</summary>
    public const string Help = """
        Sfu: WebRTC media server.

        usage: Sfu [--Sfu:Section:Option=value]...

          --Sfu:Http:Address=A         address to listen on (default 127.0.0.1)
          --Sfu:Http:Port=N            HTTP and WebSocket port (default 7880)
          --Sfu:DataDirectory=DIR      rooms, event log, development secret
          --Sfu:ApiKeys:NAME=SECRET    an API key; better given as environment variable Sfu__ApiKeys__NAME
          --help, --version

        All options: docs/api.md. Each may also be set in appsettings.json (section Sfu) or as environment
        variable Sfu__Section__Option. Without any configuration a development server starts on loopback.
        """;

    /// <summary>A sentence about the first argument that is no option of the form <c>--Sfu:..=..</c>, or null.</summary>
    public static string? Check(string[] args)
    {
        for (int i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--Sfu:", StringComparison.OrdinalIgnoreCase)) return $"'{args[i]}' is no argument of this server; see --help.";
            if (args[i].Contains('=', StringComparison.Ordinal)) continue;
            if (++i == args.Length) return $"{args[^1]} has no value; write {args[^1]}=value.";
        }

        return null;
    }
}
