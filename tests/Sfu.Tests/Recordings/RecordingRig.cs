using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;
using Sfu.Nodes.Recording;
using Sfu.Observability;
using Sfu.Recordings;
using Sfu.Rooms;
using Sfu.Rooms.Storage;
using Sfu.Tests.Rooms;

namespace Sfu.Tests.Recordings;

/// <summary>The owner of a room's recordings outside of any cluster, with everything around it in the test's hand.</summary>
internal sealed class RecordingRig : IRecordedRooms
{
    public static readonly RoomKey Key = TestData.Key;

    public RecordingRig(IRoomStore? roomLog = null, FakeTimeProvider? time = null)
    {
        Time = time ?? new FakeTimeProvider(TestData.Start);
        RoomLog = roomLog ?? new MemoryRoomStore();
        Recorder = new FakeRecorder(Time);
        Keeper = Make();
    }

    public FakeTimeProvider Time { get; }

    public MemoryRecordingStore Store { get; } = new();

    public IRoomStore RoomLog { get; }

    public FakeRecorder Recorder { get; }

    public FakeNodes Node { get; } = new();

    public RecordingKeeper Keeper { get; private set; }

    public List<RoomRecordingNews> Told { get; } = [];

    /// <summary>The room does not answer.</summary>
    public bool RoomIsAway { get; set; }

    public RoomRecordingNews? LastTold => Told.Count > 0 ? Told[^1] : null;

    public RecordingServices Services => new(
        Store, RoomLog, this, Recorder, Node, new RecordingMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())), Time, NullLoggerFactory.Instance);

    public Task TellAsync(RoomKey room, RoomRecordingNews news)
    {
        if (RoomIsAway) throw new TimeoutException("the room is away");
        Told.Add(news);
        return Task.CompletedTask;
    }

    public static RecordingDemand Demand(
        RecordingPolicy policy = RecordingPolicy.Required, string roomId = "RM_1", bool isOpen = true, string entering = "ann", long seq = 0) => new()
        {
            RoomId = roomId,
            RoomSeq = seq,
            IsOpen = isOpen,
            Policy = policy,
            Consent = ConsentMode.None,
            By = RoomActor.Server,
            Entering = entering,
            Participants = [new RecordedParticipant(new("PA_1"), "ann", "Ann", ParticipantRecordingState.On)],
        };

    public RecordingKeeper Make() => new(Key, Services);

    /// <summary>Another activation takes over, in the same process or (after a crash) in another.</summary>
    public async Task<RoomError?> RestartAsync(bool crash)
    {
        if (crash)
        {
            Recorder.Crash();
            Node.Id += "x";
        }

        Keeper = Make();
        return await Keeper.OpenAsync();
    }

    public async Task<RecordingState> StartAsync(RecordingPolicy policy = RecordingPolicy.Required)
    {
        RecordingAnswer answer = await Keeper.EnsureAsync(Demand(policy));
        Assert.Null(answer.Error);
        return answer.Recording!;
    }

    public async Task TickAsync(int seconds = 1)
    {
        for (int i = 0; i < seconds; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Keeper.TickAsync();
            await Keeper.ForgetAsync();
        }
    }

    public RecordingState Stored(Guid id) => Store.States[id];
}
