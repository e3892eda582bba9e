using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Prometheus;
using Sfu.Configuration;
using Sfu.Observability;
using Sfu.Placement;
using Sfu.Rooms;
using Sfu.Rooms.Decisions;
using Sfu.Rooms.Storage;
using Sfu.Tests.Recordings;

namespace Sfu.Tests.Rooms;

/// <summary>One room's owner outside of any cluster, with a clock and a store that the test holds.</summary>
internal sealed class KeeperRig
{
    private readonly RoomServices _services;

    public KeeperRig(IRoomStore? store = null, Action<RoomOptions>? configure = null)
    {
        Recorder = new FakeRecorder(Time);
        Recordings = new KeeperRecordings();
        configure?.Invoke(Options);
        IRoomStore used = store ?? Store;
        var metrics = new RoomMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry()));
        IOptions<RoomOptions> options = Microsoft.Extensions.Options.Options.Create(Options);
        Census = new RoomCensus(options, metrics);
        _services = new RoomServices(
            used, Media, Nodes, Nodes, Ids, Census, metrics, options,
            Microsoft.Extensions.Options.Options.Create(Recording), Recordings, Recorder, Time, NullLoggerFactory.Instance);
    }

    public RoomOptions Options { get; } = new();

    public RecordingOptions Recording { get; } = new();

    public FakeRecorder Recorder { get; }

    public KeeperRecordings Recordings { get; }

    public FakeTimeProvider Time { get; } = new(TestData.Start);

    public MemoryRoomStore Store { get; } = new();

    public RecordingMediaNode Media { get; } = new();

    public FakeNodes Nodes { get; } = new();

    public CountingIds Ids { get; } = new();

    public RoomCensus Census { get; }

    /// <summary>What every activation said is durable, in the order it said so.</summary>
    public List<LoggedEvent> Told { get; } = [];

    /// <summary>A new activation that owns the room.</summary>
    public async Task<RoomKeeper> ActivateAsync(RoomKey? key = null)
    {
        RoomKeeper keeper = Make(key);
        Assert.Null(await keeper.OpenAsync());
        return keeper;
    }

    /// <summary>A new activation that has not loaded anything.</summary>
    public RoomKeeper Make(RoomKey? key = null) => new(key ?? TestData.Key, _services, Told.AddRange);

    /// <summary>Joins, which must succeed.</summary>
    public static async Task<Participant> JoinAsync(RoomKeeper room, string identity, ParticipantRights? rights = null) =>
        Assert.IsType<JoinAccepted>(await room.JoinAsync(TestData.Join(identity, rights))).Self;
}

/// <summary>A cluster in which nodes die when the test says so.</summary>
internal sealed class FakeNodes : ILocalNode, ILiveNodes
{
    public string Id { get; set; } = TestData.Node;

    public bool IsDraining { get; set; }

    public HashSet<string> Dead { get; } = [];

    public bool IsAlive(string nodeId) => !Dead.Contains(nodeId);
}

/// <summary>Ids that count, so that a failure reads well.</summary>
internal sealed class CountingIds : IRoomIds
{
    private int _next;

    /// <summary>Goes on with higher numbers, as another process would with other ids.</summary>
    public void Skip(int numbers) => _next += numbers;

    public string NewRoom() => $"RM_{++_next}";

    public ParticipantId NewParticipant() => new($"PA_{++_next}");

    public TrackId NewTrack() => new($"TR_{++_next}");
}
