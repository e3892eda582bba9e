using System.Runtime.InteropServices;
using Prometheus;
using Sfu.Hosting;
using Sfu.Media.Srtp;
using Sfu.Placement;

namespace Sfu.Observability;

/// <summary>What is known of the process itself: version, draining, and .NET's own figures.</summary>
public sealed class ProcessMetrics
{
    /// <summary>Declares the families.</summary>
    public ProcessMetrics(CollectorRegistry registry, IMetricFactory metrics, IHostApplicationLifetime lifetime, ILocalNode? node = null)
    {
        DotNetStats.Register(registry);
        metrics.CreateGauge("sfu_build_info", "1; the labels say what runs.", ["version", "runtime", "architecture"])
            .WithLabels(ServerHost.Version, Environment.Version.ToString(), LabelValues.Of(RuntimeInformation.ProcessArchitecture)).Set(1);
        metrics.CreateGauge("sfu_srtp_engine_info", "1; the label says which library ciphers RTP under AES-GCM.", ["engine"])
            .WithLabels(SrtpEngine.Best.Name).Set(1);
        Gauge draining = metrics.CreateGauge("sfu_node_draining", "1 while this node takes no new calls.");
        registry.AddBeforeCollectCallback(() => draining.Set(node?.IsDraining == true || lifetime.ApplicationStopping.IsCancellationRequested ? 1 : 0));
    }
}
