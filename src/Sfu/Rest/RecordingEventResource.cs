using System.Text.Json.Serialization;
using Sfu.Recordings;
using Sfu.Recordings.Storage;
using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>The room's recording changed.</summary>
/// <param name="State">What it is now.</param>
/// <param name="Recording">Id of the recording; null when none began.</param>
/// <param name="Policy">Under which policy.</param>
/// <param name="Consent">Whether participants must agree first.</param>
/// <param name="Cause">Why it is suspended or failed; null otherwise.</param>
/// <param name="Pause">Why it is paused; null otherwise.</param>
/// <param name="Participants">New states of those whose state changed with it.</param>
public sealed record RecordingChangedEvent(
    RoomRecordingState State, string? Recording, RecordingPolicy Policy, ConsentMode Consent, RecordingCause? Cause, PauseReason? Pause,
    IReadOnlyList<ParticipantRecordingResource> Participants) : EventResource
{
    internal static RecordingChangedEvent From(RecordingChanged changed, long seq, long at)
    {
        RoomRecording now = changed.Recording;
        return new RecordingChangedEvent(
            now.State, now.Id == Guid.Empty ? null : RecordingJson.Id(now.Id), now.Policy, now.Consent, now.Cause, now.Pause,
            [.. changed.States.Select(one => new ParticipantRecordingResource(one.Participant.Value, one.State))])
        { Seq = seq, At = at };
    }
}

/// <summary>Whether one participant is recorded.</summary>
/// <param name="Participant">Its id.</param>
/// <param name="State">The state.</param>
public sealed record ParticipantRecordingResource(string Participant, ParticipantRecordingState State);

/// <summary>A participant agreed, refused, or has another policy.</summary>
/// <param name="Participant">Its id.</param>
/// <param name="State">Whether it is recorded from here.</param>
/// <param name="Policy">Its own policy; null = as the room.</param>
/// <param name="Consent">Whether it agreed; null = it did not say.</param>
/// <param name="By">Who said so.</param>
public sealed record ParticipantRecordingChangedEvent(
    string Participant, ParticipantRecordingState State, RecordingPolicy? Policy, bool? Consent, ActorResource By) : EventResource;

/// <summary>A step of a recording; in timelines only.</summary>
/// <param name="Step">`phase`, `started`, `paused`, `resumed`, `policy`, `ending` or `sealed`.</param>
/// <param name="Phase">The phase that was entered; absent for other steps.</param>
/// <param name="Participant">Whose pause, by the id that it had when it was paused; absent for other steps and for the room's.</param>
/// <param name="Pause">Why it was paused; absent for other steps.</param>
/// <param name="Text">More about the pause; absent for other steps.</param>
/// <param name="Policy">The policy from here; absent for other steps.</param>
/// <param name="EndReason">Why it ends; absent for other steps.</param>
/// <param name="Cause">Why something is wrong; absent when nothing is.</param>
/// <param name="UnrecordedFrom">Since when nothing was recorded before it went on, Unix milliseconds; absent when it was.</param>
/// <param name="UnrecordedTo">Until when, Unix milliseconds.</param>
/// <param name="By">Who caused it; absent where the recorder did.</param>
/// <param name="Identity">Identity of the participant whose pause it is; absent for other steps and for the room's.</param>
public sealed record RecordingStepEvent(
    string Step,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RecordingPhase? Phase = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Participant = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PauseReason? Pause = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Text = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RecordingPolicy? Policy = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RecordingEndReason? EndReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RecordingCause? Cause = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? UnrecordedFrom = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? UnrecordedTo = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ActorResource? By = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Identity = null) : EventResource
{
    internal static RecordingStepEvent From(RecordingEvent step, TimelineEntry entry)
    {
        (long seq, long at) = (entry.Position, entry.At.ToUnixTimeMilliseconds());
        return step switch
        {
            RecordingPhaseChanged e => new("phase", Phase: e.Phase, Cause: e.Cause) { Seq = seq, At = at },
            RecordingStarted e => new("started", Phase: RecordingPhase.Active,
                UnrecordedFrom: e.From?.ToUnixTimeMilliseconds(), UnrecordedTo: e.To?.ToUnixTimeMilliseconds())
            { Seq = seq, At = at },
            RecordingPaused e => new("paused", Participant: e.Span.Participant?.Value, Identity: e.Span.Identity,
                Pause: e.Span.Reason, Text: e.Span.Text, By: ActorResource.From(e.By))
            { Seq = seq, At = at },
            RecordingResumed e => new("resumed", Participant: e.Participant?.Value, Identity: e.Identity, By: ActorResource.From(e.By)) { Seq = seq, At = at },
            RecordingPolicyChanged e => new("policy", Policy: e.Policy) { Seq = seq, At = at },
            RecordingEnding e => new("ending", Phase: RecordingPhase.Stopping, EndReason: e.Reason, Cause: e.Cause, By: ActorResource.From(e.By)) { Seq = seq, At = at },
            _ => new("sealed", Phase: RecordingPhase.Sealed) { Seq = seq, At = at },
        };
    }
}
