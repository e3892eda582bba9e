using System.Diagnostics.Metrics;
using Prometheus;

namespace Sfu.Observability;

/// <summary>Shows the meters of the runtime and of Kestrel beside our own families; nothing of ours is a meter.</summary>
/// <remarks>Owns the listener.</remarks>
public sealed class ForeignMeters : IDisposable
{
    private static readonly string[] Names = ["System.Runtime", "Microsoft.AspNetCore.Server.Kestrel"];

    private readonly IDisposable _listener;

    /// <summary>Begins to listen.</summary>
    public ForeignMeters(CollectorRegistry registry, IMetricFactory metrics) => _listener = MeterAdapter.StartListening(new MeterAdapterOptions
    {
        Registry = registry,
        MetricFactory = metrics,
        InstrumentFilterPredicate = IsShown,
    });

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>Durations are histograms with a dozen series for each of their many labels, and say nothing that our own do not.</summary>
    private static bool IsShown(Instrument instrument) =>
        Names.Contains(instrument.Meter.Name, StringComparer.Ordinal) && !instrument.Name.EndsWith(".duration", StringComparison.Ordinal);
}
