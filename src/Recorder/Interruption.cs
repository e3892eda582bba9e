namespace Sfu.Recorder;

/// <summary>A time in which nothing was recorded.</summary>
/// <param name="FromWallMicroseconds">Last record before, microseconds since 1970.</param>
/// <param name="ToWallMicroseconds">First record after.</param>
/// <param name="Cause">Why, such as <c>recorder_restarted</c>.</param>
public sealed record Interruption(long FromWallMicroseconds, long ToWallMicroseconds, string Cause);
