namespace Sfu.Recorder.Evidence;

/// <summary>What a quality score takes into account besides lost media.</summary>
/// <param name="RecorderMissing">The policy asks for two recorders and one was missing.</param>
/// <param name="SyncResidualMilliseconds">Worst residual of the clock fit between sound and picture, when it is known.</param>
public readonly record struct QualityConditions(bool RecorderMissing, double? SyncResidualMilliseconds);
