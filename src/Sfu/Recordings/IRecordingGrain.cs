using Orleans.Concurrency;
using Sfu.Nodes.Recording;
using Sfu.Rooms;

namespace Sfu.Recordings;

/// <summary>Owns the recordings of one room (key <c>tenant/room</c>, <see cref="RoomKey"/>): at most one records, older ones may still be
/// sealed. Every call answers with a value; what is answered is durable; asking twice is harmless.</summary>
/// <remarks>Never waits for the room's grain, which waits for this one while somebody joins.</remarks>
public interface IRecordingGrain : IGrainWithStringKey
{
    /// <summary>The room is recorded when this answers with a recording; a stricter policy than the present one holds from here.</summary>
    Task<RecordingAnswer> EnsureAsync(RecordingDemand demand);

    /// <summary>Masks the room, or a participant's identity: whoever joins with it is masked too, until the pause ends.</summary>
    /// <param name="recording">Which; null = the present one.</param>
    /// <param name="wish">What and why.</param>
    /// <param name="by">Who; its right was checked.</param>
    Task<RecordingAnswer> PauseAsync(Guid? recording, PauseWish wish, RoomActor by);

    /// <summary>Ends the mask of an identity, by any id that it has or had in the recording, or of the room (null).</summary>
    Task<RecordingAnswer> ResumeAsync(Guid? recording, ParticipantId? participant, RoomActor by);

    /// <summary>Ends the recording, unless the call must be recorded; the evidence is sealed soon after.</summary>
    Task<RecordingAnswer> StopAsync(Guid? recording, RoomActor by);

    /// <summary>The present recording, or null.</summary>
    Task<RecordingState?> GetAsync();

    /// <summary>The recorder says how a recording is.</summary>
    Task OnHealthAsync(Guid recording, NodeRecordingHealth health);

    /// <summary>Something happened in the room: read its log now, and not only at the next second.</summary>
    [OneWay]
    Task PokeAsync();
}

/// <summary>A pause that somebody asks for.</summary>
/// <param name="Participant">Whose media, one who is or was in the recording; null = the whole room's.</param>
/// <param name="Reason">Why.</param>
/// <param name="Text">More about it; at most 256 characters.</param>
/// <param name="For">Ends by itself after this time; null = when somebody resumes.</param>
/// <param name="Identity">The participant's identity; null = the owner of the recording looks it up.</param>
[GenerateSerializer, Immutable]
public sealed record PauseWish(ParticipantId? Participant, PauseReason Reason, string Text = "", TimeSpan? For = null, string? Identity = null);
