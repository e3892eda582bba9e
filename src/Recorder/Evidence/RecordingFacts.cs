namespace Sfu.Recorder.Evidence;

/// <summary>What a recording was, for its sealed manifest.</summary>
/// <param name="Recording">Its id, a UUID version 7.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Room">Name of the room.</param>
/// <param name="Policy"><c>required</c> or <c>best_effort</c>.</param>
/// <param name="Node">The recording node.</param>
/// <param name="Started">When recording began, UTC.</param>
/// <param name="Ended">When it ended, UTC.</param>
/// <param name="EndReason">Why, such as <c>stopped</c>.</param>
public sealed record RecordingFacts(
    Guid Recording, string Tenant, string Room, string Policy, string Node, DateTimeOffset Started, DateTimeOffset Ended, string EndReason);
