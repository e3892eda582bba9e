using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sfu.Nodes.Recording;
using Sfu.Recorder.Disk;
using Sfu.Recordings;
using Sfu.Recordings.Derivations;
using Sfu.Tests.Nodes;
using Sfu.Tests.Rooms;

namespace Sfu.Tests.Recordings;

/// <summary>Derivations are made one after the other, and again after a restart.</summary>
public sealed class DerivationQueueTests : IDisposable
{
    private readonly string _evidence = Directory.CreateTempSubdirectory("sfu-evidence-").FullName;
    private readonly MemoryRecordingStore _store = new();
    private readonly RecordingState _recording;

    public DerivationQueueTests()
    {
        _recording = new RecordingState
        {
            Id = Guid.CreateVersion7(),
            Room = TestData.Key,
            RoomId = "RM_1",
            Folder = _evidence,
            Phase = RecordingPhase.Sealed,
            By = Sfu.Rooms.RoomActor.Server,
        };
        _store.States[_recording.Id] = _recording;
    }

    public void Dispose() => Directory.Delete(_evidence, recursive: true);

    [Fact]
    public async Task Add_Two_AreMadeOneAfterTheOtherWithProgress()
    {
        var deriver = new FakeDeriver();
        using DerivationQueue queue = Make(deriver);
        Derivation first = (await queue.AddAsync(_recording, Wish()))!;
        Derivation second = (await queue.AddAsync(_recording, Wish()))!;
        await queue.StartAsync(default);

        FakeDeriver.Job job = await deriver.NextAsync();
        Assert.Equal((DerivationState.Running, 0.5), await StateAsync(queue, first.Id));
        Assert.Equal((DerivationState.Queued, 0), await StateAsync(queue, second.Id));
        Assert.True(Directory.Exists(job.Output));
        job.Done.SetResult([new DerivedFile("a.webm", 1, "ff")]);
        FakeDeriver.Job next = await deriver.NextAsync();

        Assert.Equal((DerivationState.Ready, 1), await StateAsync(queue, first.Id));
        Assert.Equal("a.webm", Assert.Single((await queue.FindAsync(first.Id))!.Files).Name);
        next.Done.SetException(new DerivationException("No key frame."));
        Derivation third = (await queue.AddAsync(_recording, Wish()))!;
        FakeDeriver.Job last = await deriver.NextAsync();
        Assert.Equal("No key frame.", (await queue.FindAsync(second.Id))!.Error);
        Assert.Equal(third.Id, last.Derivation.Id);
        last.Done.SetResult([]);
        await queue.StopAsync(default);
    }

    [Fact]
    public async Task Start_WhatWasNotFinished_IsMadeAnew()
    {
        var derivation = new Derivation
        {
            Id = Guid.CreateVersion7(),
            Recording = _recording.Id,
            Tenant = "acme",
            Wish = Wish(),
            RequestedAt = TestData.Start,
            State = DerivationState.Running,
        };
        await _store.SaveAsync(derivation);
        string half = Directory.CreateDirectory(DerivationQueue.FolderOf(_evidence, derivation.Id)).FullName;
        await File.WriteAllTextAsync(Path.Combine(half, "half.webm"), "x");
        var deriver = new FakeDeriver();
        using DerivationQueue queue = Make(deriver);
        await queue.StartAsync(default);

        FakeDeriver.Job job = await deriver.NextAsync();

        Assert.Equal(derivation.Id, job.Derivation.Id);
        Assert.Empty(Directory.GetFiles(job.Output));
        job.Done.SetResult([]);
        await queue.StopAsync(default);
    }

    [Fact]
    public async Task Queue_DiskFills_LeavesWhatIsMadeUntilRecordingsNeedTheRoomAndFailsTheRest()
    {
        var disk = new FakeDiskSpace();
        var time = new FakeTimeProvider();
        using DiskWatch watch = disk.Watch(time, NullLogger<DiskWatch>.Instance);
        await watch.StartAsync(default);
        var deriver = new FakeDeriver();
        using var queue = new DerivationQueue(_store, deriver, TimeProvider.System, NullLogger<DerivationQueue>.Instance, watch);
        Derivation first = (await queue.AddAsync(_recording, Wish()))!, second = (await queue.AddAsync(_recording, Wish()))!;
        await queue.StartAsync(default);
        FakeDeriver.Job job = await deriver.NextAsync();

        disk.Taken = _ => 0.8;
        await AdvanceUntilAsync(time, () => Task.FromResult(watch.Level == DiskLevel.NoDerivations));
        Assert.Contains("80.0 % full", queue.Refusal, StringComparison.Ordinal);
        Assert.Equal(DerivationState.Running, (await queue.FindAsync(first.Id))!.State);
        Assert.False(job.Cancellation.IsCancellationRequested);

        disk.Taken = _ => 0.9;
        await AdvanceUntilAsync(time, async () => (await queue.FindAsync(second.Id))!.State == DerivationState.Failed);
        Assert.True(job.Cancellation.IsCancellationRequested);
        foreach (Guid id in new[] { first.Id, second.Id })
        {
            Derivation failed = (await queue.FindAsync(id))!;
            Assert.Equal((DerivationState.Failed, DerivationFailure.Disk), (failed.State, failed.Reason));
            Assert.Contains("beyond 75 % no playable files are made", failed.Error, StringComparison.Ordinal);
        }

        disk.Taken = _ => 0.5;
        await AdvanceUntilAsync(time, () => Task.FromResult(queue.Refusal is null));
        Derivation third = (await queue.AddAsync(_recording, Wish()))!;
        Assert.Equal(third.Id, (await deriver.NextAsync()).Derivation.Id);
        await queue.StopAsync(default);
        await watch.StopAsync(default);
    }

    private static Task AdvanceUntilAsync(FakeTimeProvider time, Func<Task<bool>> condition) =>
        Eventually.TrueAsync(condition, () => time.Advance(TimeSpan.FromSeconds(1)));

    private static DerivationWish Wish() => new(DerivationKind.Track, null, null, null);

    private static async Task<(DerivationState, double)> StateAsync(DerivationQueue queue, Guid id)
    {
        Derivation derivation = (await queue.FindAsync(id))!;
        return (derivation.State, derivation.Progress);
    }

    private DerivationQueue Make(FakeDeriver deriver) => new(_store, deriver, TimeProvider.System, NullLogger<DerivationQueue>.Instance);

    private sealed class FakeDeriver : IDeriver
    {
        private readonly System.Threading.Channels.Channel<Job> _jobs = System.Threading.Channels.Channel.CreateUnbounded<Job>();

        public Task<Job> NextAsync() => _jobs.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        public Task<IReadOnlyList<DerivedFile>> DeriveAsync(
            Derivation derivation, string evidence, string output, IProgress<double> progress, CancellationToken cancellation)
        {
            progress.Report(0.5);
            var job = new Job(derivation, output, new TaskCompletionSource<IReadOnlyList<DerivedFile>>(TaskCreationOptions.RunContinuationsAsynchronously), cancellation);
            _jobs.Writer.TryWrite(job);
            return job.Done.Task.WaitAsync(cancellation);
        }

        internal sealed record Job(Derivation Derivation, string Output, TaskCompletionSource<IReadOnlyList<DerivedFile>> Done, CancellationToken Cancellation);
    }
}
