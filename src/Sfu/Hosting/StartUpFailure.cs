using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Sfu.Hosting;

/// <summary>Turns what was thrown while starting into sentences for the operator.</summary>
internal static class StartUpFailure
{
    /// <summary>EADDRINUSE of Linux.</summary>
    private const int AddressInUse = 98;

    /// <summary>The sentences and the exit code; never null: what is not known is our own error and shown whole.</summary>
    public static (int ExitCode, IReadOnlyList<string> Sentences) Explain(Exception thrown)
    {
        List<Exception> chain = [.. Flatten(thrown)];
        if (chain.OfType<StartUpException>().FirstOrDefault() is { } known) return (known.ExitCode, known.Sentences);

        List<string> failures = [.. chain.OfType<OptionsValidationException>().SelectMany(e => e.Failures).Distinct()];
        if (failures.Count > 0) return (ExitCode.Configuration, failures);

        if (chain.OfType<InvalidDataException>().FirstOrDefault() is { } file) return (ExitCode.Configuration, [$"The configuration file cannot be read: {Innermost(file)}"]);
        if (chain.OfType<AddressInUseException>().Any()) return (ExitCode.Unavailable, [InUse(thrown)]);
        // The media sockets say so by errno. PortCheck has found most before; this is for a port taken since.
        if (chain.OfType<IOException>().Any(io => io.HResult == AddressInUse)) return (ExitCode.Unavailable, [InUse(thrown)]);

        return (ExitCode.Internal, [$"The server failed, by an error of its own: {thrown}"]);
    }

    private static string InUse(Exception thrown) =>
        $"{thrown.Message.TrimEnd('.')}. Stop the program that uses it, or choose another port (Sfu:Http:Port, Sfu:Media:TcpPort, Sfu:Media:UdpPort).";

    private static string Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e.Message;

    private static IEnumerable<Exception> Flatten(Exception e)
    {
        yield return e;
        IEnumerable<Exception> inner = e is AggregateException many ? many.InnerExceptions : e.InnerException is { } one ? [one] : [];
        foreach (Exception each in inner.SelectMany(Flatten)) yield return each;
    }
}
