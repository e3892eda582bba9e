namespace Sfu.Recorder.Evidence;

/// <summary>Whose track it is.</summary>
/// <param name="No">Its number in the chunks, from 1.</param>
/// <param name="Participant">Id of the participant.</param>
/// <param name="Identity">The participant's identity in the application.</param>
/// <param name="Kind"><c>audio</c> or <c>video</c>.</param>
/// <param name="Source"><c>microphone</c>, <c>camera</c>, ...</param>
public sealed record TrackFacts(uint No, string Participant, string Identity, string Kind, string Source);
