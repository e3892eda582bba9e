namespace Sfu.Recorder;

/// <summary>What a recording is; kept in the log so that it survives the process.</summary>
/// <param name="Id">A UUID version 7.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Room">Name of the room.</param>
/// <param name="Policy"><c>required</c> or <c>best_effort</c>.</param>
/// <param name="Folder">Its folder, absolute; segments go to <c>seg/NODE</c> in it.</param>
/// <param name="StartedWallMicroseconds">When it began, microseconds since 1970.</param>
/// <param name="Context">What the caller wants back after a crash; at most 4,096 characters.</param>
public sealed record RecordingInfo(
    Guid Id, string Tenant, string Room, string Policy, string Folder, long StartedWallMicroseconds, string? Context = null);
