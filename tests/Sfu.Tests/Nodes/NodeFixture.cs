using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Prometheus;
using Sfu.Configuration;
using Sfu.Media.Dtls;
using Sfu.Nodes;
using Sfu.Nodes.Recording;
using Sfu.Nodes.Workers;
using Sfu.Rooms;
using Sfu.Router.Workers.Events;

namespace Sfu.Tests.Nodes;

/// <summary>A media node with model workers, a model room and a clock that stands still.</summary>
internal sealed class NodeFixture
{
    private int _clients;

    public NodeFixture(int workers = 1, TapDirectory? taps = null, double spanLoad = 1)
    {
        Registry = Metrics.NewCustomRegistry();
        var metrics = new NodeMetrics(Metrics.WithCustomRegistry(Registry));
        var fleet = new WorkerFleet();
        Services = new NodeServices(fleet, Room, metrics, Options.Create(new MediaOptions { SpanLoad = spanLoad }), Time, NullLogger<MediaNode>.Instance, taps);
        Node = new MediaNode(Services);
        Room.Node = Node;
        Workers = [.. Enumerable.Range(0, workers).Select(i => new FakeWorker(i))];
        Ports = [.. Workers.Select(worker => new WorkerPort(worker, metrics, Time) { OnRoomLost = Node.OnRoomLost })];
        fleet.Open(Ports, new DtlsFingerprint("sha-256", new byte[32]));
    }

    public FakeTimeProvider Time { get; } = new();

    public FakeRoom Room { get; } = new();

    public CollectorRegistry Registry { get; }

    public NodeServices Services { get; }

    public MediaNode Node { get; }

    public IReadOnlyList<FakeWorker> Workers { get; }

    public IReadOnlyList<WorkerPort> Ports { get; }

    public FakeWorker Worker => Workers[0];

    public static MediaSessionMode Auto { get; } = new(SubscribesAutomatically: true);

    public static MediaSessionMode Manual { get; } = new(SubscribesAutomatically: false);

    /// <summary>A participant joins and gets its media session.</summary>
    public TestClient Join(string identity, MediaSessionMode? mode = null, ParticipantRights? rights = null, bool followsRoom = true)
    {
        Participant self = Room.Join(identity, rights);
        var sink = new RecordingSink { FollowsRoom = followsRoom };
        IMediaSession session = Node.Open(FakeRoom.Key, Room.Snapshot(), self, mode ?? Auto, sink);
        Room.Follow(session);
        return new TestClient(++_clients, self, session, sink);
    }

    /// <summary>The worker reports something.</summary>
    public void Report(WorkerEvent workerEvent, int worker = 0) => Node.OnWorkerEvent(Ports[worker], workerEvent);

    /// <summary>Lets the time pass in which changes are gathered.</summary>
    public void Gather() => Time.Advance(TimeSpan.FromMilliseconds(50));

    /// <summary>The value of a metric by name and labels as the export writes them.</summary>
    public async Task<double> MetricAsync(string sample)
    {
        using var stream = new MemoryStream();
        await Registry.CollectAndExportAsTextAsync(stream);
        string text = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        string? line = text.Split('\n').FirstOrDefault(l => l.StartsWith(sample + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(sample.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
