namespace Sfu.Recordings;

/// <summary>Whether one participant is recorded now; snake_case on the wire. Media and data messages of a participant reach the
/// journal only while it is <see cref="On"/>.</summary>
[GenerateSerializer]
public enum ParticipantRecordingState
{
    /// <summary>The room is not being recorded.</summary>
    Off,

    /// <summary>It was asked and has not answered; nothing of it is recorded.</summary>
    ConsentPending,

    /// <summary>It is recorded.</summary>
    On,

    /// <summary>Recorded, but not now: the room or this participant is paused.</summary>
    Paused,

    /// <summary>It refused or withdrew its consent; nothing of it is recorded.</summary>
    Refused,

    /// <summary>Its token or the back end says that it is never recorded.</summary>
    Exempt,
}
