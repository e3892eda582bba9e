using Prometheus;

namespace Sfu.Observability;

/// <summary>Tells when the HTTPS certificate ends, so that an alert comes before the browsers' refusal. Safe on any thread.</summary>
public sealed class CertificateMetrics
{
    private readonly Gauge _notAfter;

    /// <summary>Declares the family. It has no series until a certificate is loaded: a server without HTTPS has none that could end.</summary>
    public CertificateMetrics(IMetricFactory metrics) => _notAfter = metrics.CreateGauge(
        "sfu_certificate_not_after_seconds",
        "End of the HTTPS certificate in use, Unix time; no series without HTTPS.",
        new GaugeConfiguration { SuppressInitialValue = true });

    /// <summary>A certificate is in use from now on.</summary>
    /// <param name="notAfter">Its end, UTC.</param>
    public void Loaded(DateTime notAfter) => _notAfter.Set(new DateTimeOffset(notAfter, TimeSpan.Zero).ToUnixTimeSeconds());
}
