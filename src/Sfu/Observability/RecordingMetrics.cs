using System.Collections.Concurrent;
using Prometheus;
using Sfu.Recordings;

namespace Sfu.Observability;

/// <summary>The metric families of recordings' owners; those of the recorder itself are its own.</summary>
public sealed class RecordingMetrics
{
    private readonly Gauge.Child[] _active;
    private readonly Counter.Child[] _phases;
    private readonly Counter.Child[] _impossible;
    private readonly Counter.Child _storeErrors;
    private readonly Counter.Child _superseded;
    private readonly ConcurrentDictionary<Guid, RecordingPolicy> _recording = new();

    /// <summary>Declares the families.</summary>
    /// <param name="metrics">Where: the process's registry, or one of a test.</param>
    public RecordingMetrics(IMetricFactory metrics)
    {
        Gauge active = metrics.CreateGauge("sfu_recording_active", "Recordings that record now, by policy.", ["policy"]);
        _active = LabelValues.Children<RecordingPolicy, Gauge.Child>(value => active.WithLabels(value));
        Counter phases = metrics.CreateCounter("sfu_recording_phases_total", "Steps of recordings, by the phase that was entered.", ["phase"]);
        _phases = LabelValues.Children<RecordingPhase, Counter.Child>(value => phases.WithLabels(value));
        Counter impossible = metrics.CreateCounter(
            "sfu_recording_impossible_total", "Times in which something could not be recorded that should have been, by what it meant.", ["kind"]);
        _impossible = LabelValues.Children<ImpossibilityKind, Counter.Child>(value => impossible.WithLabels(value));
        _storeErrors = metrics.CreateCounter("sfu_store_errors_total", "Failed reads and writes, by store.", ["store"]).WithLabels("recordings");
        _superseded = metrics.CreateCounter(
            "sfu_epoch_refusals_total", "Commands and writes refused because another activation owns the room.", ["where"]).WithLabels("recording_store");
    }

    /// <summary>A recording records under a policy, or (null) does not.</summary>
    public void SetActive(Guid recording, RecordingPolicy? policy)
    {
        if (policy is { } now) _recording[recording] = now;
        else _recording.TryRemove(recording, out _);
        foreach (RecordingPolicy one in Enum.GetValues<RecordingPolicy>()) _active[(int)one].Set(_recording.Values.Count(value => value == one));
    }

    /// <summary>A recording entered a phase.</summary>
    public void Entered(RecordingPhase phase) => _phases[(int)phase].Inc();

    /// <summary>Something could not be recorded.</summary>
    public void Impossible(ImpossibilityKind kind) => _impossible[(int)kind].Inc();

    /// <summary>A read or write failed.</summary>
    public void StoreFailed() => _storeErrors.Inc();

    /// <summary>A write was refused: another activation owns the recordings.</summary>
    public void Superseded() => _superseded.Inc();
}
