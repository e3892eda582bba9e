namespace Sfu.Recordings;

/// <summary>What recording means for a room or a participant; snake_case on the wire. Ordered: the stricter one wins.</summary>
[GenerateSerializer]
public enum RecordingPolicy
{
    /// <summary>Nothing is recorded unless somebody starts it. For a participant: its media is never recorded (exempt).</summary>
    Off,

    /// <summary>Recorded from the first join; when that fails the call goes on, and everybody is told.</summary>
    BestEffort,

    /// <summary>Recorded from the first join; without a recording nobody joins and nothing is forwarded.</summary>
    Required,
}

/// <summary>Whether participants must agree before their media is recorded; snake_case on the wire.</summary>
[GenerateSerializer]
public enum ConsentMode
{
    /// <summary>Participants are told that they are recorded.</summary>
    None,

    /// <summary>Nothing of a participant is recorded before it, or the back end for it, said yes. Under <see cref="RecordingPolicy.Required"/>
    /// nothing of it is forwarded before either.</summary>
    First,
}
