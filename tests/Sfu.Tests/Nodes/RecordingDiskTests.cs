using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sfu.Configuration;
using Sfu.Nodes;
using Sfu.Nodes.Recording;
using Sfu.Recorder.Disk;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Tests.Nodes;

/// <summary>The real recorder on a disk that is as full as the test says: what begins, what goes on, and what is given up.</summary>
public sealed class RecordingDiskTests : IAsyncLifetime, IDisposable
{
    private const RecordingPolicy Required = RecordingPolicy.Required, BestEffort = RecordingPolicy.BestEffort;

    private readonly string _directory = Directory.CreateTempSubdirectory("sfu-recording-disk-").FullName;
    private readonly FakeDiskSpace _disk = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly Told _told = new();
    private DiskWatch _watch = null!;
    private RecorderService _service = null!;
    private RecordingNode _node = null!;

    public async Task InitializeAsync()
    {
        _watch = _disk.Watch(_time, NullLogger<DiskWatch>.Instance);
        await _watch.StartAsync(default);
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await EndAsync();
        await _watch.StopAsync(default);
    }

    public void Dispose()
    {
        _node.Dispose();
        _service.Dispose();
        _watch.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Start_NoRoomForNewOnes_RefusesThemAndGoesOnWithWhatIsOpen()
    {
        (Guid open, Guid another) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await BeginAsync(open, Required);
        await FillAsync(0.9, DiskLevel.NoNewRecordings);

        Assert.Equal(RecordingCause.DiskFull, _node.Unavailable);
        Assert.Equal(RecordingCause.DiskFull, (await _node.StartAsync(Order(another, BestEffort), default)).Refused);
        Assert.NotNull((await _node.StartAsync(Order(open, Required), default)).Started);               // the answer got lost
        Assert.Equal(NodeRecordingState.Active, _node.HealthOf(open).State);

        await EndAsync();
        await StartAsync();
        Assert.NotNull((await _node.StartAsync(Order(open, Required), default)).Started?.Interruption);   // the log has it open
        await EndAsync();
        await StartAsync();
        Assert.NotNull((await _node.StartAsync(Order(open, Required) with { Continues = true }, default)).Started?.Interruption);

        await FillAsync(0.5, DiskLevel.Roomy);
        Assert.Null(_node.Unavailable);
        await BeginAsync(another, BestEffort);
    }

    [Fact]
    public async Task Start_NoRoomForNewOnes_TakesNothingFromTheDisk()
    {
        await FillAsync(0.9, DiskLevel.NoNewRecordings);
        Assert.Equal(RecordingCause.DiskFull, (await _node.StartAsync(Order(Guid.CreateVersion7(), Required), default)).Refused);
        Assert.Null(_service.Node);
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public async Task Closed_Required_IsSuspendedWithoutALeaseAndActiveAgainWithRoom()
    {
        Guid id = Guid.CreateVersion7();
        await BeginAsync(id, Required);
        await UntilAsync(() => _service.IsLeaseFresh);

        await FillAsync(0.98, DiskLevel.Closed);
        await UntilAsync(() => !_service.IsLeaseFresh);
        Assert.Equal(new NodeRecordingHealth(NodeRecordingState.Suspended, RecordingCause.DiskFull), _node.HealthOf(id));
        Assert.Equal(RecordingCause.DiskFull, _service.Unavailable);
        Assert.Equal(RecordingCause.DiskFull, (await _node.StartAsync(Order(id, Required) with { Continues = true }, default)).Refused);
        await UntilAsync(() => _told.Last(id) == new NodeRecordingHealth(NodeRecordingState.Suspended, RecordingCause.DiskFull));
        long durable = _service.Node!.Health.DurableBytes;
        _node.OnRoomEvent(new RoomFence(RoomOf(id), 1), new LoggedEvent(1, _time.GetUtcNow(), EventAudience.Everyone, new RoomLocked(true, RoomActor.Server)));
        await UntilAsync(() => _service.Node!.Health.DurableBytes > durable);           // the log goes on

        await FillAsync(0.965, DiskLevel.Closed);                                       // not yet a hundredth below
        await FillAsync(0.95, DiskLevel.NoNewRecordings);
        await UntilAsync(() => _service.IsLeaseFresh);
        await UntilAsync(() => _told.Last(id) == new NodeRecordingHealth(NodeRecordingState.Active));
        Assert.Equal(NodeRecordingState.Active, _node.HealthOf(id).State);
    }

    [Fact]
    public async Task Closed_BestEffort_IsGivenUpAndSealed()
    {
        (Guid id, Guid must) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await BeginAsync(id, BestEffort);
        await BeginAsync(must, Required);
        await FillAsync(0.98, DiskLevel.Closed);

        Assert.Equal(new NodeRecordingHealth(NodeRecordingState.Failed, RecordingCause.DiskFull), _node.HealthOf(id));
        Assert.Equal(NodeRecordingState.Suspended, _node.HealthOf(must).State);
        Assert.NotEmpty((await _node.StopAsync(Fence(id), RecordingEndReason.Failed, default))!.ManifestHash);
        Assert.NotEmpty((await _node.StopAsync(Fence(must), RecordingEndReason.RecordingUnavailable, default))!.ManifestHash);
    }

    [Fact]
    public async Task Closed_PolicyIsRaised_IsHeldAndNotGivenUp()
    {
        Guid id = Guid.CreateVersion7();
        await BeginAsync(id, BestEffort);
        await _node.SetPolicyAsync(Fence(id), Required, default);
        await FillAsync(0.98, DiskLevel.Closed);

        Assert.Equal(NodeRecordingState.Suspended, _node.HealthOf(id).State);
    }

    [Fact]
    public async Task Closed_OpenRecordingOfAnEarlierProcess_CanBeSealed()
    {
        Guid id = Guid.CreateVersion7();
        await BeginAsync(id, Required);
        await EndAsync();
        await FillAsync(0.98, DiskLevel.Closed);
        await StartAsync();

        Assert.Equal(RecordingCause.DiskFull, (await _node.StartAsync(Order(id, Required) with { Continues = true }, default)).Refused);
        Assert.NotEmpty((await _node.StopAsync(Fence(id), RecordingEndReason.RecordingUnavailable, default))!.ManifestHash);
    }

    private async Task StartAsync()
    {
        _service = new RecorderService(
            Options.Create(new ServerOptions { DataDirectory = _directory }), Options.Create(new RecordingOptions { SyncInterval = TimeSpan.FromMilliseconds(250), LogFileSize = 1 << 20 }),
            TimeProvider.System, NullLogger<RecorderService>.Instance, _watch);
        _node = new RecordingNode(_service, new TapDirectory(_service, NullLogger<TapDirectory>.Instance), _told, NullLogger<RecordingNode>.Instance, _time);
        await _service.StartAsync(default);
        await _node.StartAsync(default);
    }

    private async Task EndAsync()
    {
        await _node.StopAsync(default);
        await _service.StopAsync(default);
        _node.Dispose();
        _service.Dispose();
    }

    private Task FillAsync(double taken, DiskLevel level)
    {
        _disk.Taken = _ => taken;
        return UntilAsync(() => _watch.Level == level && Math.Abs(_watch.UseOf(DiskFolder.Recordings).Fraction - taken) < 0.001);
    }

    private async Task BeginAsync(Guid id, RecordingPolicy policy) => Assert.NotNull((await _node.StartAsync(Order(id, policy), default)).Started);

    private RecordingOrder Order(Guid id, RecordingPolicy policy) => new()
    {
        Fence = Fence(id),
        RoomId = "RM_1",
        Policy = policy,
        Consent = ConsentMode.None,
        RequestedAt = _time.Start,
    };

    private static RoomKey RoomOf(Guid id) => new("default", $"room-{id:N}");

    private static RecordingFence Fence(Guid id) => new(id, RoomOf(id), 1);

    private Task UntilAsync(Func<bool> condition) => Eventually.TrueAsync(condition, () => _time.Advance(TimeSpan.FromMilliseconds(250)));

    private sealed class Told : IRecordingNodeEvents
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<Guid, NodeRecordingHealth> _last = new();

        public NodeRecordingHealth? Last(Guid recording) => _last.GetValueOrDefault(recording);

        public void Changed(RoomKey room, Guid recording, NodeRecordingHealth health) => _last[recording] = health;

        public void RecorderChanged(RecordingCause? unavailable)
        {
        }
    }
}
