namespace Sfu.Recorder.Derivation;

/// <summary>What is written into a file about where it comes from.</summary>
/// <param name="RecordingId">Id of the recording.</param>
/// <param name="Track">Number of the track in the recording; 0 for files of several tracks.</param>
/// <param name="Participant">Identity of the participant, as its token says; empty for files of several participants.</param>
/// <param name="RecordingStart">UTC of time 0 of the recording.</param>
public sealed record PartDescription(string RecordingId, int Track, string Participant, DateTimeOffset RecordingStart)
{
    /// <summary>The entries, for a file whose time 0 lies so many nanoseconds after the recording's.</summary>
    internal IEnumerable<KeyValuePair<string, string>> ToMetadata(long start)
    {
        string utc = RecordingStart.AddTicks(start / 100).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        yield return new("creation_time", utc);
        yield return new("RECORDING_ID", RecordingId);
        if (Track > 0) yield return new("TRACK_NUMBER", Track.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (Participant.Length > 0) yield return new("PARTICIPANT", Participant);
        yield return new("START_UTC", utc);
        yield return new("START_MS", (start / 1_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
