using System.Net;
using Microsoft.Extensions.Options;
using Prometheus;
using Sfu.Configuration;
using Sfu.Hosting;

namespace Sfu.Observability;

/// <summary>Metric families and the route <c>/metrics</c>.</summary>
public static class MetricsRegistration
{
    /// <summary>Registers the registry and the families; each host has its own registry.</summary>
    public static WebApplicationBuilder AddObservability(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(_ => Metrics.NewCustomRegistry());
        builder.Services.AddSingleton<IMetricFactory>(services =>
        {
            MetricFactory factory = Metrics.WithCustomRegistry(services.GetRequiredService<CollectorRegistry>());
            factory.ExemplarBehavior = ExemplarBehavior.NoExemplars(); // there are no traces that they could lead to
            return factory;
        });
        builder.Services.AddSingleton<JoinMetrics>();
        builder.Services.AddSingleton<WorkerMetrics>();
        builder.Services.AddSingleton<RecorderMetrics>();
        builder.Services.AddSingleton<ProcessMetrics>();
        builder.Services.AddSingleton<PauseMetrics>();
        builder.Services.AddSingleton<CertificateMetrics>();
        builder.Services.AddSingleton<ForeignMeters>();
        return builder;
    }

    /// <summary>Maps <c>/metrics</c>, for the networks of the configuration only (docs/threats.md T33).</summary>
    public static void MapServerMetrics(this WebApplication app)
    {
        CollectorRegistry registry = app.Services.GetRequiredService<CollectorRegistry>();
        // Families exist from the first scrape on, at zero.
        _ = app.Services.GetRequiredService<JoinMetrics>();
        _ = app.Services.GetRequiredService<WorkerMetrics>();
        _ = app.Services.GetRequiredService<RecorderMetrics>();
        _ = app.Services.GetRequiredService<ProcessMetrics>();
        _ = app.Services.GetRequiredService<PauseMetrics>();
        _ = app.Services.GetRequiredService<ForeignMeters>();

        MetricsOptions options = app.Services.GetRequiredService<IOptions<MetricsOptions>>().Value;
        IReadOnlyList<IPNetwork> allowed = options.AllowedNetworks.Count == 0 ? Networks.Loopback : Networks.Parse(options.AllowedNetworks);
        app.MapGet("/metrics", context => ExportAsync(context, registry, allowed)).ExcludeFromDescription();
    }

    private static async Task ExportAsync(HttpContext context, CollectorRegistry registry, IReadOnlyList<IPNetwork> allowed)
    {
        // Through a proxy that nobody declared every request seems to come from the proxy's network.
        if (!Networks.Contain(allowed, context.Connection.RemoteIpAddress) || CommonHeaders.IsUndeclaredProxy(context))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        bool open = context.Request.Headers.Accept.ToString().Contains("application/openmetrics-text", StringComparison.Ordinal);
        context.Response.ContentType = open
            ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
            : "text/plain; version=0.0.4; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await registry.CollectAndExportAsTextAsync(
            context.Response.Body, open ? ExpositionFormat.OpenMetricsText : ExpositionFormat.PrometheusText, context.RequestAborted).ConfigureAwait(false);
    }
}
