using Sfu.Nodes.Recording;
using Sfu.Recordings;
using Sfu.Recordings.Storage;
using Sfu.Rooms;
using Sfu.Tests.Rooms;

namespace Sfu.Tests.Recordings;

/// <summary>Rooms and recordings in a real silo on real stores: they must not wait for each other, and a restart goes on.</summary>
public sealed class RecordingGrainTests
{
    private readonly FakeRecorder _recorder = new(TimeProvider.System);

    [Fact]
    public async Task Call_Required_IsRecordedPausedAndSealedWithItsRoom()
    {
        await using RoomHost host = await RoomHost.StartAsync(_recorder, null);
        IRoomGrain room = host.Room(TestData.Key);
        var sink = new EventSink();
        await room.CreateAsync(new RoomDraft { Recording = RecordingPolicy.Required }, RoomActor.BackEnd("key"));
        using IDisposable follows = await host.Get<IRoomEventHub>().SubscribeAsync(TestData.Key, 0, sink);

        JoinAccepted ann = Assert.IsType<JoinAccepted>(await room.JoinAsync(host.Join("ann")));
        Guid id = ann.Room.Room.Recording!.Id;
        IRecordingGrain owner = host.Get<IRoomRecordings>().Get(TestData.Key);
        // Both at once: the room asks its recording while that tells the room.
        Task<RecordingAnswer> pause = owner.PauseAsync(id, new PauseWish(null, PauseReason.Pci), RoomActor.BackEnd("key"));
        Task<JoinOutcome> bo = room.JoinAsync(host.Join("bo"));
        Task<RecordingAnswer> start = room.StartRecordingAsync(RoomActor.BackEnd("key"));

        Assert.True((await pause).Recording!.IsPaused);
        Assert.IsType<JoinAccepted>(await bo);
        Assert.Equal(id, (await start).Recording!.Id);
        await sink.UntilAsync(e => e is RecordingChanged { Recording.State: RoomRecordingState.Paused });
        await room.DeleteAsync(RoomActor.BackEnd("key"));
        await sink.UntilAsync(e => e is RoomClosed);
        await SealedAsync(host, id);

        RecordingState end = (await host.Get<IRecordingStore>().FindAsync(id))!;
        Assert.Equal((RecordingPhase.Sealed, RecordingEndReason.RoomClosed), (end.Phase, end.EndReason));
        Assert.Equal(["ann", "bo"], (await host.Get<IRecordingStore>().ParticipantsAsync(id)).Select(one => one.Identity));
    }

    [Fact]
    public async Task Restart_OpenRecording_GoesOnAsTheSame()
    {
        string directory = RoomHost.NewDirectory();
        Guid id;
        await using (RoomHost first = await RoomHost.StartAsync(_recorder, directory))
        {
            first.KeepsDirectory = true;
            await first.Room(TestData.Key).CreateAsync(new RoomDraft { Recording = RecordingPolicy.Required }, RoomActor.BackEnd("key"));
            id = Assert.IsType<JoinAccepted>(await first.Room(TestData.Key).JoinAsync(first.Join("ann"))).Room.Room.Recording!.Id;
        }

        _recorder.Crash();
        var continued = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _recorder.OnCommand = (command, recording) =>
        {
            if (command == "start" && recording == id) continued.TrySetResult();
        };
        await using RoomHost second = await RoomHost.StartAsync(_recorder, directory);
        await continued.Task.WaitAsync(TimeSpan.FromSeconds(20));

        RecordingAnswer answer = await second.Room(TestData.Key).StartRecordingAsync(RoomActor.BackEnd("key"));

        Assert.Equal((id, RecordingPhase.Active), (answer.Recording!.Id, answer.Recording.Phase));
        Assert.True(_recorder.Orders[^1].Continues);
    }

    /// <summary>The owner's clock ticks in real time here; each call of it is a turn after a tick.</summary>
    private static async Task SealedAsync(RoomHost host, Guid id)
    {
        IRecordingGrain owner = host.Get<IRoomRecordings>().Get(TestData.Key);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await host.Get<IRecordingStore>().FindAsync(id))!.Phase != RecordingPhase.Sealed)
        {
            patience.Token.ThrowIfCancellationRequested();
            await owner.OnHealthAsync(id, new NodeRecordingHealth(NodeRecordingState.Active));
        }
    }

    private sealed class EventSink : IRoomEventSink
    {
        private readonly Lock _gate = new();
        private readonly List<RoomEvent> _events = [];
        private readonly List<(Func<RoomEvent, bool> Wanted, TaskCompletionSource Source)> _waiting = [];

        public void OnEvent(LoggedEvent loggedEvent)
        {
            lock (_gate)
            {
                _events.Add(loggedEvent.Event);
                foreach ((Func<RoomEvent, bool> wanted, TaskCompletionSource source) in _waiting)
                {
                    if (wanted(loggedEvent.Event)) source.TrySetResult();
                }
            }
        }

        public Task UntilAsync(Func<RoomEvent, bool> wanted)
        {
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_gate)
            {
                if (_events.Exists(e => wanted(e))) return Task.CompletedTask;
                _waiting.Add((wanted, source));
            }

            return source.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }
}
