using System.Net;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Media.Dtls;
using Sfu.Media.Native;
using Sfu.Media.Time;
using Sfu.Router.Producers;
using Sfu.Router.Transport;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Events;

namespace Sfu.Nodes.Workers;

/// <summary>Starts the media workers with the process, reads their events, and stops them with a goodbye to every client.</summary>
/// <remarks>Owns the workers and their ports.</remarks>
internal sealed class WorkerHost(
    IOptions<MediaOptions> options, IOptions<SignallingOptions> signalling, WorkerFleet fleet, MediaNode node, NodeMetrics metrics, TimeProvider time,
    ILogger<WorkerHost> logger) : IHostedService, IDisposable
{
    private readonly List<WorkerPort> _ports = [];
    private readonly List<Task> _pumps = [];

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        MediaOptions media = options.Value;
        IReadOnlyList<IPAddress> addresses = LocalAddresses.Advertised(media);
        DtlsCertificate certificate = ServerCertificate.Create(time.GetUtcNow());
        List<MediaWorker> workers;
        try
        {
            workers = OpenWorkers(media, addresses, certificate);
        }
        catch
        {
            Dispose();
            throw;
        }

        fleet.Open(_ports, certificate.Fingerprint);
        foreach (WorkerPort port in _ports) _pumps.Add(Start(port));
        Settle(media.Scheduling, workers);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Each waits for its thread: not one after the other, and not on the caller's thread.
        await Task.WhenAll(_ports.Select(port => Task.Run(port.Worker.Dispose, CancellationToken.None)));
        await Task.WhenAll(_pumps).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (WorkerPort port in _ports)
        {
            port.Worker.Dispose();
            port.Dispose();
        }
    }

    private List<MediaWorker> OpenWorkers(MediaOptions media, IReadOnlyList<IPAddress> addresses, DtlsCertificate certificate)
    {
        int count = media.Workers > 0 ? media.Workers : Environment.ProcessorCount;
        ThreadPolicy scheduling = WorkerSchedule.Best(media.Scheduling);
        IPAddress bind = LocalAddresses.Parse(media.Address, "Sfu:Media:Address");
        var handover = new TcpHandover();
        var workers = new List<MediaWorker>(count);
        int tcpPort = 0;
        for (int i = 0; i < count; i++)
        {
            var worker = new MediaWorker(
                new MediaWorkerOptions
                {
                    Index = i,
                    BindAddress = bind,
                    UdpPort = media.UdpPort == 0 ? 0 : media.UdpPort + i,
                    TcpPort = i == 0 ? media.TcpPort : -1,
                    TcpHandover = handover,
                    ParticipantTimeout = signalling.Value.SilenceTimeout,
                    LateAfter = media.LateAfter,
                    HasBurstWindow = media.BurstWindow,
                    Scheduling = scheduling,
                    RealTimeUpTo = WorkerSchedule.RealTimeUpTo(media.Scheduling, count, Environment.ProcessorCount),
                    Merging = media.ReceiveMerged ? SegmentationMode.Auto : SegmentationMode.Off,
                    Ingress = new IngressLimits(Bitrate.FromKilobits(media.MaxTrackKbps), Bitrate.FromKilobits(media.MaxParticipantKbps)),
                },
                certificate);
            if (i == 0) tcpPort = worker.TcpPort;
            workers.Add(worker);
            _ports.Add(new WorkerPort(new SocketWorker(i, worker, CandidateList.Write(addresses, worker.UdpPort, tcpPort)), metrics, time));
        }

        return workers;
    }

    /// <summary>Says how the workers run beside the rest of the process; once, after their start.</summary>
    private void Settle(WorkerScheduling asked, List<MediaWorker> workers)
    {
        ThreadPolicy granted = WorkerSchedule.Settle(asked, workers);
        metrics.Scheduled(granted);
        if (granted < WorkerSchedule.Least(asked)) logger.SchedulingRefused(asked, granted);
        else logger.Scheduled(workers.Count, granted, workers[0].RealTimeUpTo);
    }

    private Task Start(WorkerPort port)
    {
        port.OnRoomLost = node.OnRoomLost;
        port.Worker.Start();
        return Task.Run(() => PumpAsync(port), CancellationToken.None);
    }

    /// <summary>The one reader of a worker's events; ends with the worker.</summary>
    private async Task PumpAsync(WorkerPort port)
    {
        await foreach (WorkerEvent workerEvent in port.Worker.Events.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                node.OnWorkerEvent(port, workerEvent);
            }
            catch (Exception error)                        // a fault here may not stop the events of all other rooms
            {
                logger.EventFailed(port.Index, workerEvent.GetType().Name, error);
            }
        }

        node.OnWorkerEnded(port);
    }
}
