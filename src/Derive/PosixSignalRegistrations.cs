using System.Runtime.InteropServices;

namespace Sfu.Derive;

/// <summary>SIGTERM and SIGINT end the work in order: the unfinished folder is removed.</summary>
internal sealed class PosixSignalRegistrations : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Begins to listen.</summary>
    public PosixSignalRegistrations(CancellationTokenSource end) => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, end)),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, end)),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    private static void Cancel(PosixSignalContext context, CancellationTokenSource end)
    {
        context.Cancel = true;
        end.Cancel();
    }
}
