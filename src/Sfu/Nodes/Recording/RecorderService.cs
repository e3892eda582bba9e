using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Media.Buffers;
using Sfu.Media.Time;
using Sfu.Nodes.Workers;
using Sfu.Recorder;
using Sfu.Recorder.Capture;
using Sfu.Recorder.Disk;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Files;
using Sfu.Recorder.Keys;
using Sfu.Recordings;

namespace Sfu.Nodes.Recording;

/// <summary>Hosts the recorder of this process: its keys, log, evidence and time-stamps.</summary>
/// <remarks>Owns the <see cref="RecorderNode"/>. It is started with the process when something is to be recorded or was left open, else with the
/// first recording: a server that records nothing allocates nothing on the disk. A start that fails is tried again.</remarks>
internal sealed class RecorderService(
    IOptions<ServerOptions> server, IOptions<RecordingOptions> options, TimeProvider time, ILogger<RecorderService> logger, DiskWatch? disk = null,
    IOptions<MediaOptions>? media = null)
    : IHostedService, IDisposable
{
    /// <summary>Name of this process's recorder in folders: one process owns a data directory.</summary>
    internal const string NodeName = "node";

    private static readonly TimeSpan StampTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StuckAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly SystemRecorderClock _clock = new();
    private readonly ConcurrentDictionary<WorkerPort, CaptureRing> _rings = new();
    private readonly CancellationTokenSource _ends = new();
    private readonly RecorderLease _never = new();
    private FileKeyEncryptionKey? _kek;
    private SqliteKeyVault? _vault;
    private SigningKeys? _keys;
    private HttpClient? _client;
    private LocalTimeAuthority? _local;
    private Task _stamping = Task.CompletedTask;
    private volatile RecorderNode? _node;
    private volatile TimeStamper? _stamper;
    private RecordingCause? _startFailure;
    private MediaTime _startedAt;
    private bool _isDisposed;

    /// <summary>The recorder; null while it was not started.</summary>
    internal RecorderNode? Node => _node;

    /// <summary>The lease of tracks that must be recorded; expired while there is no recorder.</summary>
    internal RecorderLease Lease => _node?.Lease ?? _never;

    /// <summary>A sync of the log ended well: how long it took, and when it was. Raised on a thread of the recorder; handlers return at once.</summary>
    internal event Action<TimeSpan, DateTimeOffset>? Synced;

    /// <summary>A recording was sealed with this. Raised on a thread of the recorder; handlers return at once.</summary>
    internal event Action<CompletenessReport>? Sealed;

    /// <summary>The recorder runs and its lease is fresh.</summary>
    internal bool IsLeaseFresh => Lease.IsFresh(_clock.Now);

    /// <summary>Manifests that wait for a token, and tries that failed.</summary>
    internal (int Waiting, long Failed) TimeStamps => _stamper is { } stamper ? (stamper.Waiting, stamper.Failed) : (0, 0);

    /// <summary>Why nothing can be recorded now, or null.</summary>
    internal RecordingCause? Unavailable => _node is { } node ? CauseOf(node) : _startFailure ?? (IsClosed ? RecordingCause.DiskFull : null);

    /// <summary>The disk has only the room that open recordings need to end in order: nothing that must be recorded is forwarded.</summary>
    internal bool IsClosed => disk?.Level >= DiskLevel.Closed;

    /// <summary>The disk has no room for another recording.</summary>
    internal bool IsFull => disk?.Level >= DiskLevel.NoNewRecordings;

    private string Root => Path.Combine(server.Value.DataDirectory, "recorder");

    private string KekPath => Path.Combine(Root, "kek");

    private string VaultPath => Path.Combine(Root, "vault.db");

    /// <summary>The clock that packets are stamped with.</summary>
    internal MediaTime Now => _clock.Now;

    /// <summary>Where the evidence of all recordings lies.</summary>
    internal string Recordings => Path.Combine(server.Value.DataDirectory, "recordings");

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.DefaultPolicy != RecordingPolicy.Off) TryStart();
        else TryResume();
        return Task.CompletedTask;
    }

    /// <summary>The recorder, started if an earlier process left a log; null when there is none, or it cannot be read.</summary>
    internal RecorderNode? TryResume() => _node ?? (Directory.Exists(Path.Combine(Root, "wal", NodeName)) ? TryStart() : null);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ends.CancelAsync();
        await _stamping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_node is { } node) await Task.Run(node.Dispose, CancellationToken.None);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed) return;                               // the container knows it under two names
        _isDisposed = true;
        _ends.Cancel();
        _node?.Dispose();
        _local?.Dispose();
        _client?.Dispose();
        _keys?.Dispose();
        _vault?.Dispose();
        _kek?.Dispose();
        _ends.Dispose();
    }

    /// <summary>The recorder, started if it was not; null when it cannot be.</summary>
    internal RecorderNode? TryStart()
    {
        if (_node is { } running) return running;
        lock (_gate)
        {
            if (_node is not null || _ends.IsCancellationRequested) return _node;
            try
            {
                RecorderNode node = Open();
                _startedAt = _clock.Now;
                _node = node;
                _startFailure = null;
                logger.RecorderStarted(Root, _node.Recovered.Count);
            }
            catch (Exception e) when (e is RecorderStartException or IOException or UnauthorizedAccessException or Microsoft.Data.Sqlite.SqliteException)
            {
                if (_startFailure is null) logger.RecorderNotStarted(e);
                _startFailure = RecordingCause.WriteError;
            }

            return _node;
        }
    }

    /// <summary>What opens the keys of recordings; null when this machine has none. Nothing else of a recorder is started with it.</summary>
    internal (IKeyVault Vault, IKeyEncryptionKey Kek)? TryOpenKeys()
    {
        lock (_gate)
        {
            if (_kek is null || _vault is null)
            {
                if (_ends.IsCancellationRequested || !File.Exists(KekPath) || !File.Exists(VaultPath)) return null;
                _kek ??= FileKeyEncryptionKey.Open(KekPath);
                _vault ??= new SqliteKeyVault(VaultPath);
            }

            return (_vault, _kek);
        }
    }

    /// <summary>The ring of a worker, made with its first track.</summary>
    internal CaptureRing RingOf(RecorderNode node, WorkerPort port) => _rings.GetOrAdd(port, _ => node.AddRing());

    private RecorderNode Open()
    {
        _kek ??= FileKeyEncryptionKey.Open(KekPath);
        _vault ??= new SqliteKeyVault(VaultPath);
        _keys ??= SigningKeys.Open(Path.Combine(Root, "signing"), NodeName, new SigningKeyOptions());
        (ITimeAuthority authority, string certificates) = Authority();
        var stamper = new TimeStamper(authority, Untimed, new TimeStampOptions(), time);
        var sink = new EvidenceSink(_keys, certificates, _vault, _kek, stamper.Add, time, report => Sealed?.Invoke(report));
        var recorder = new RecorderOptions
        {
            Node = NodeName,
            WalFolder = Path.Combine(Root, "wal"),
            Scheduling = WorkerSchedule.OfRecorder(media?.Value.Scheduling ?? WorkerScheduling.Normal),
            Wal = new() { SyncInterval = options.Value.SyncInterval, FileSize = options.Value.LogFileSize },
        };
        RecorderNode node = RecorderNode.Start(recorder, _clock, _kek, _vault, sink);
        node.HoldWhile(() => IsClosed);
        node.OnSynced(took => Synced?.Invoke(took, time.GetUtcNow()));
        _stamper = stamper;
        _stamping = Task.Run(() => stamper.RunAsync(_ends.Token));
        return node;
    }

    private (ITimeAuthority Authority, string Certificates) Authority()
    {
        if (options.Value.TimeStampAuthority is { Length: > 0 } address)
        {
            _client ??= new HttpClient();
            return (new HttpTimeAuthority(_client, new Uri(address), StampTimeout), File.ReadAllText(options.Value.TimeStampCertificates));
        }

        _local ??= LocalTimeAuthority.Open(Path.Combine(Root, "authority"), time);
        return (_local, _local.CertificatePem);
    }

    /// <summary>Every manifest without a token: recordings of all days.</summary>
    private IEnumerable<string> Untimed() => !Directory.Exists(Recordings) ? [] : Directory.EnumerateDirectories(Recordings)
        .SelectMany(tenant => Directory.EnumerateDirectories(tenant)).SelectMany(year => Directory.EnumerateDirectories(year))
        .SelectMany(month => Directory.EnumerateDirectories(month)).SelectMany(day => Directory.EnumerateDirectories(day))
        .SelectMany(folder => new EvidenceFolder(folder).Untimed());

    private RecordingCause? CauseOf(RecorderNode node)
    {
        RecorderHealth health = node.Health;
        bool hasTurned = health.At > MediaTime.Zero;
        if (_clock.Now - MediaTime.Max(health.At, _startedAt) > StuckAfter) return RecordingCause.RecorderStuck;
        if (IsClosed) return RecordingCause.DiskFull;
        if (health.KeepsUp || !hasTurned) return null;       // its first turn is about to come
        if (health.LastFault is not null && health.Faults > 0 && !health.LogFailure.IsFailure) return RecordingCause.Internal;
        return health.LogFailure switch
        {
            { IsFailure: false } => RecordingCause.Lag,
            { Errno: FileFailure.NoSpace } => RecordingCause.DiskFull,
            { Errno: FileFailure.ReadOnlyFileSystem } => RecordingCause.DiskReadOnly,
            _ => RecordingCause.WriteError,
        };
    }
}
