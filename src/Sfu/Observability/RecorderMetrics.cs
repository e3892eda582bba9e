using Prometheus;
using Sfu.Nodes.Recording;
using Sfu.Recorder;
using Sfu.Recorder.Disk;
using Sfu.Recorder.Evidence;
using Sfu.Recordings;

namespace Sfu.Observability;

/// <summary>The metric families of this process's recorder (RECORDING.md section 6), read from its health when they are asked for.</summary>
/// <remarks>Safe on any thread. Without a recorder the families stay at zero.</remarks>
internal sealed class RecorderMetrics
{
    private static readonly double[] SyncSeconds = [.001, .003, .01, .03, .1, .3, 1, 3];

    private readonly RecorderService? _recorder;
    private readonly DiskWatch? _disk;
    private readonly Gauge _diskLevel;
    private readonly Gauge.Child[] _diskUsed, _diskFree;
    private readonly Gauge _unarchived, _unarchivedBytes, _leaseFresh, _open, _unsealed, _logFiles, _pendingStamps, _lastCommit;
    private readonly Gauge.Child _writtenLag, _syncedLag;
    private readonly Gauge.Child[] _unavailable;
    private readonly Counter _bytes, _gapsOmitted;
    private readonly Counter.Child[] _failures, _gapSeconds;
    private readonly Histogram _sync;

    /// <summary>Declares the families.</summary>
    public RecorderMetrics(CollectorRegistry registry, IMetricFactory metrics, RecorderService? recorder = null, DiskWatch? disk = null)
    {
        (_recorder, _disk) = (recorder, disk);
        _unarchived = metrics.CreateGauge(
            "sfu_recording_unarchived_packets", "Packets, sender reports and receipts of recorded tracks that found no room in the recorder since the start: must stay 0.");
        Gauge lag = metrics.CreateGauge(
            "sfu_recording_lag_seconds", "Delay of the oldest record: written = until the operating system has it, beyond the time of collecting; synced = until the disk has it.", ["stage"]);
        (_writtenLag, _syncedLag) = (lag.WithLabels("written"), lag.WithLabels("synced"));
        _unarchivedBytes = metrics.CreateGauge("sfu_recording_unarchived_bytes", "Bytes in memory that are not on the disk yet.");
        _lastCommit = metrics.CreateGauge("sfu_recording_last_commit_timestamp_seconds", "When the last sync of the log ended well, Unix time; 0 before the first.");
        _sync = metrics.CreateHistogram(
            "sfu_recording_sync_duration_seconds", "How long the disk took for one sync of the log.", new HistogramConfiguration { Buckets = SyncSeconds });
        _bytes = metrics.CreateCounter("sfu_recording_written_bytes_total", "Bytes of the log that are on the disk.");
        _leaseFresh = metrics.CreateGauge("sfu_recording_lease_fresh", "1 while the recorder says that it keeps up: calls that must be recorded are forwarded.");
        Gauge unavailable = metrics.CreateGauge("sfu_recording_unavailable", "1 for the reason why nothing can be recorded now.", ["cause"]);
        _unavailable = LabelValues.Children<RecordingCause, Gauge.Child>(value => unavailable.WithLabels(value));
        Counter failures = metrics.CreateCounter("sfu_recording_failures_total", "Failures of the recorder, by kind; what failed is tried again.", ["kind"]);
        _failures = LabelValues.Children<RecorderFailureKind, Counter.Child>(value => failures.WithLabels(value));
        Counter gaps = metrics.CreateCounter(
            "sfu_recording_gap_seconds_total", "Media time that sealed recordings do not hold, by cause; counted when a recording is sealed.", ["cause"]);
        _gapSeconds = LabelValues.Children<GapCause, Counter.Child>(value => gaps.WithLabels(value));
        _gapsOmitted = metrics.CreateCounter("sfu_recording_gaps_omitted_total", "Gaps of sealed recordings beyond 100,000 in one: in none of the other counts.");
        _open = metrics.CreateGauge("sfu_recording_open", "Recordings that the recorder writes or seals.");
        _unsealed = metrics.CreateGauge("sfu_recording_unsealed_chunks", "Chunks on the disk that are in no signed segment yet.");
        _logFiles = metrics.CreateGauge("sfu_recording_log_files", "Files of the write-ahead log.");
        _pendingStamps = metrics.CreateGauge("sfu_recording_timestamps_pending", "Manifests that wait for their RFC 3161 token.");
        Gauge used = metrics.CreateGauge("sfu_recording_disk_used_ratio", "Share of the disk that is taken, by folder of the data directory.", ["folder"]);
        _diskUsed = LabelValues.Children<DiskFolder, Gauge.Child>(value => used.WithLabels(value));
        Gauge free = metrics.CreateGauge("sfu_recording_disk_free_bytes", "Bytes of the disk that the server may still take, by folder of the data directory.", ["folder"]);
        _diskFree = LabelValues.Children<DiskFolder, Gauge.Child>(value => free.WithLabels(value));
        _diskLevel = metrics.CreateGauge(
            "sfu_recording_disk_level", "What the disk may be used for: 0 = everything, 1 = no playable files, 2 = no new recordings either, 3 = nothing is recorded.");
        registry.AddBeforeCollectCallback(Update);
        if (recorder is null) return;
        recorder.Synced += OnSynced;
        recorder.Sealed += OnSealed;
    }

    private void OnSynced(TimeSpan took, DateTimeOffset at)
    {
        _sync.Observe(took.TotalSeconds);
        _lastCommit.Set(at.ToUnixTimeMilliseconds() / 1000.0);
    }

    private void OnSealed(CompletenessReport report)
    {
        foreach (Gap gap in report.Gaps) _gapSeconds[(int)gap.Cause].Inc(gap.Milliseconds / 1000.0);
        _gapsOmitted.Inc(report.GapsOmitted);
    }

    private void Update()
    {
        UpdateDisk();
        if (_recorder is null) return;
        RecordingCause? unavailable = _recorder.Unavailable;
        for (int cause = 0; cause < _unavailable.Length; cause++) _unavailable[cause].Set(unavailable == (RecordingCause)cause ? 1 : 0);
        _leaseFresh.Set(_recorder.IsLeaseFresh ? 1 : 0);
        if (_recorder.Node is not { } node) return;
        RecorderHealth health = node.Health;
        _unarchived.Set(health.Refused);
        _unarchivedBytes.Set(health.RingBytes + health.PendingBytes);
        _writtenLag.Set(health.WrittenLag.TotalSeconds);
        _syncedLag.Set(health.SyncedLag.TotalSeconds);
        _bytes.IncTo(health.DurableBytes);
        _open.Set(health.Recordings);
        _unsealed.Set(health.UnsealedChunks);
        _logFiles.Set(health.LogFiles);
        (int waiting, long failedStamps) = _recorder.TimeStamps;
        _pendingStamps.Set(waiting);
        _failures[(int)RecorderFailureKind.Log].IncTo(health.LogFailures);
        _failures[(int)RecorderFailureKind.Segment].IncTo(health.SegmentFailures);
        _failures[(int)RecorderFailureKind.RefusedEvent].IncTo(health.RefusedEvents);
        _failures[(int)RecorderFailureKind.Internal].IncTo(health.Faults);
        _failures[(int)RecorderFailureKind.TimeStamp].IncTo(failedStamps);
    }

    private void UpdateDisk()
    {
        if (_disk is null) return;
        foreach (DiskFolder folder in Enum.GetValues<DiskFolder>())
        {
            DiskUse use = _disk.UseOf(folder);
            _diskUsed[(int)folder].Set(use.Fraction);
            _diskFree[(int)folder].Set(use.Free);
        }

        _diskLevel.Set((int)_disk.Level);
    }
}
