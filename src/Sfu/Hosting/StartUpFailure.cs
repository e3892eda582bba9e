using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Sfu.Hosting;

/// <summary>Turns what was thrown while starting into sentences for the operator.</summary>
internal static class StartUpFailure
{
    /// <summary>The sentences and the exit code; never null: what is not known is our own error and shown whole.</summary>
    public static (int ExitCode, IReadOnlyList<string> Sentences) Explain(Exception thrown)
    {
        List<Exception> chain = [.. Flatten(thrown)];
        if (chain.OfType<StartUpException>().FirstOrDefault() is { } known) return (known.ExitCode, known.Sentences);

        List<string> failures = [.. chain.OfType<OptionsValidationException>().SelectMany(e => e.Failures).Distinct()];
        if (failures.Count > 0) return (ExitCode.Configuration, failures);

        if (chain.OfType<InvalidDataException>().FirstOrDefault() is { } file) return (ExitCode.Configuration, [$"The configuration file cannot be read: {Innermost(file)}"]);
        if (chain.OfType<AddressInUseException>().Any()) return (ExitCode.Unavailable, [InUse(thrown)]);
        if (chain.OfType<SocketException>().FirstOrDefault() is { } socket) return Explain(socket, thrown);

        return (ExitCode.Internal, [$"The server could not start, by an error of its own: {thrown}"]);
    }

    private static (int ExitCode, IReadOnlyList<string> Sentences) Explain(SocketException socket, Exception thrown) => socket.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => (ExitCode.Unavailable, [InUse(thrown)]),
        SocketError.AccessDenied => (ExitCode.Configuration, ["This user may not open the port; use one of 1024 or more (Sfu:Http:Port, Sfu:Media:TcpPort, Sfu:Media:UdpPort)."]),
        SocketError.AddressNotAvailable => (ExitCode.Configuration, ["No interface of this machine has the address of Sfu:Http:Address or Sfu:Media:Address."]),
        _ => (ExitCode.Unavailable, [$"The server could not open its sockets: {socket.Message}"]),
    };

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
