namespace Sfu.Recorder;

/// <summary>Whose a track is and what its streams are; kept in the log.</summary>
/// <param name="No">Its number in the chunks, from 1; given by the recorder.</param>
/// <param name="Participant">Id of the participant.</param>
/// <param name="Identity">The participant's identity in the application.</param>
/// <param name="Kind"><c>audio</c> or <c>video</c>.</param>
/// <param name="Source"><c>microphone</c>, <c>camera</c>, ...</param>
/// <param name="Formats">What its payload types are.</param>
/// <param name="Streams">Streams whose simulcast encoding is known.</param>
public sealed record TrackInfo(
    uint No, string Participant, string Identity, string Kind, string Source, IReadOnlyList<TrackFormat> Formats, IReadOnlyList<TrackSsrc> Streams);
