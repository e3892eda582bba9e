using System.Collections.Concurrent;
using System.Threading.Channels;
using Sfu.Nodes.Recording;
using Sfu.Recorder.Disk;
using Sfu.Recordings.Storage;

namespace Sfu.Recordings.Derivations;

/// <summary>Makes one derivation after the other. Its list is the store: a restart goes on with what was not finished. On a disk that fills none
/// is begun; one that is being made is given up when recordings need the room.</summary>
internal sealed class DerivationQueue(
    IRecordingStore store, IDeriver deriver, TimeProvider time, ILogger<DerivationQueue> logger, DiskWatch? disk = null) : BackgroundService, IDerivations
{
    /// <summary>Most that may wait.</summary>
    public const int Capacity = 1000;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private readonly Channel<Derivation> _queue = Channel.CreateBounded<Derivation>(Capacity);
    // What is asked for while the store is read is in both: it is made once.
    private readonly ConcurrentDictionary<Guid, bool> _waiting = new();
    private readonly Lock _gate = new();
    private CancellationTokenSource? _work;
    private volatile Derivation? _running;

    private static DerivationException TooMany => new(DerivationFailure.Busy, "Too many derivations wait.");

    private DerivationException NoRoom => new(DerivationFailure.Disk, Refusal ?? "The disk of recordings was too full; there is room again, ask again.");

    /// <inheritdoc/>
    public string? Refusal => disk?.NoDerivations;

    /// <summary>Folder of a derivation's files.</summary>
    public static string FolderOf(string evidence, Guid derivation) => Path.Combine(evidence, "derived", derivation.ToString("D"));

    /// <inheritdoc/>
    public async Task<Derivation?> AddAsync(RecordingState recording, DerivationWish wish)
    {
        if (_queue.Reader.Count >= Capacity) return null;
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var derivation = new Derivation
        {
            Id = Guid.CreateVersion7(now),
            Recording = recording.Id,
            Tenant = recording.Room.Tenant,
            Wish = wish,
            RequestedAt = now,
        };
        await store.SaveAsync(derivation);
        return TryQueue(derivation) ? derivation : await FailAsync(derivation, TooMany);
    }

    /// <inheritdoc/>
    public async Task<Derivation?> FindAsync(Guid derivation) =>
        _running is { } running && running.Id == derivation ? running : await store.FindDerivationAsync(derivation);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (disk is not null) disk.Changed += GiveUp;
        try
        {
            await MakeAllAsync(stoppingToken);
        }
        finally
        {
            if (disk is not null) disk.Changed -= GiveUp;
        }
    }

    private async Task MakeAllAsync(CancellationToken stoppingToken)
    {
        while (!await TryReloadAsync()) await Task.Delay(RetryAfter, time, stoppingToken);
        await foreach (Derivation derivation in _queue.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await MakeAsync(derivation, stoppingToken);
            }
            catch (DerivationException e) when (e.Reason == DerivationFailure.Disk)
            {
                logger.DerivationRefused(derivation.Id, derivation.Recording, e.Message);
                await TryFailAsync(derivation, e);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.DerivationFailed(e, derivation.Id, derivation.Recording);
                await TryFailAsync(derivation, e as DerivationException ?? new DerivationException("The server failed; it is logged.", e));
            }
            finally
            {
                _waiting.TryRemove(derivation.Id, out _);
                _running = null;
            }
        }
    }

    private async Task<bool> TryReloadAsync()
    {
        try
        {
            foreach (Derivation derivation in await store.UnfinishedDerivationsAsync())
            {
                if (!TryQueue(derivation)) await FailAsync(derivation, TooMany);
            }

            return true;
        }
        catch (Rooms.Storage.RoomStoreException e)
        {
            logger.DerivationsFailed(e, RetryAfter);
            return false;
        }
    }

    private bool TryQueue(Derivation derivation)
    {
        if (!_waiting.TryAdd(derivation.Id, true) || _queue.Writer.TryWrite(derivation)) return true;
        _waiting.TryRemove(derivation.Id, out _);
        return false;
    }

    private async Task MakeAsync(Derivation derivation, CancellationToken stopping)
    {
        using var work = new CancellationTokenSource();
        Begin(work);
        try
        {
            if (Refusal is not null) throw NoRoom;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(work.Token, stopping);
            await MakeFilesAsync(derivation, either.Token);
        }
        catch (OperationCanceledException) when (work.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            throw NoRoom;
        }
        finally
        {
            Begin(null);
        }
    }

    private void Begin(CancellationTokenSource? work)
    {
        lock (_gate) _work = work;
    }

    /// <summary>What is being made stops; its files are removed by who makes them.</summary>
    private void GiveUp(DiskLevel level)
    {
        if (level < DiskLevel.NoNewRecordings) return;
        lock (_gate) _ = _work?.CancelAsync();
    }

    private async Task MakeFilesAsync(Derivation derivation, CancellationToken cancellation)
    {
        if (await store.FindAsync(derivation.Recording) is not { Folder.Length: > 0 } recording)
            throw new DerivationException(DerivationFailure.NoEvidence, "The recording has no evidence to make files of.");
        Derivation running = derivation with { State = DerivationState.Running, Progress = 0 };
        await store.SaveAsync(running);
        _running = running;
        logger.DerivationChanged(derivation.Id, derivation.Recording, DerivationState.Running);

        string folder = FolderOf(recording.Folder, derivation.Id);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        var progress = new Reporter(value => _running = running with { Progress = Math.Clamp(value, 0, 1) });
        IReadOnlyList<DerivedFile> files = await deriver.DeriveAsync(running, recording.Folder, folder, progress, cancellation);
        await store.SaveAsync(running with { State = DerivationState.Ready, Progress = 1, Files = files });
        logger.DerivationChanged(derivation.Id, derivation.Recording, DerivationState.Ready);
    }

    private async Task TryFailAsync(Derivation derivation, DerivationException error)
    {
        try
        {
            await FailAsync(derivation, error);
        }
        catch (Rooms.Storage.RoomStoreException e)
        {
            // It stays unfinished in the store, and is made after the next start.
            logger.DerivationFailed(e, derivation.Id, derivation.Recording);
        }
    }

    private async Task<Derivation> FailAsync(Derivation derivation, DerivationException error)
    {
        Derivation failed = derivation with { State = DerivationState.Failed, Error = error.Message, Reason = error.Reason };
        await store.SaveAsync(failed);
        return failed;
    }

    /// <summary>Reports on the caller's thread; <see cref="Progress{T}"/> would post, and may report after the end.</summary>
    private sealed class Reporter(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
