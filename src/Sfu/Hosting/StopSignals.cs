using System.Runtime.InteropServices;

namespace Sfu.Hosting;

/// <summary>Remembers whether somebody told the process to stop; the host itself reacts to the same signals.</summary>
/// <remarks>Owns the registrations.</remarks>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private volatile bool _wasTold;

    /// <summary>Begins to listen.</summary>
    public StopSignals() => _registrations =
        [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, _ => _wasTold = true))];

    /// <summary>A signal came.</summary>
    public bool WasTold => _wasTold;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }
}
