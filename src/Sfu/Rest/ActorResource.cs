using System.Text.Json.Serialization;
using Sfu.Rooms;

namespace Sfu.Rest;

/// <summary>Who caused something.</summary>
/// <param name="Type">A participant, a back end, or the server itself.</param>
/// <param name="Participant">The participant's id; absent for others.</param>
/// <param name="ApiKey">The name of the back end's API key; absent for others.</param>
public sealed record ActorResource(
    ActorType Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Participant,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ApiKey)
{
    internal static ActorResource From(RoomActor actor) => actor switch
    {
        { Participant: { } participant } => new(ActorType.Participant, participant.Value, null),
        { ApiKey.Length: > 0 } => new(ActorType.BackEnd, null, actor.ApiKey),
        _ => new(ActorType.Server, null, null),
    };
}

/// <summary>What kind of actor.</summary>
public enum ActorType
{
    /// <summary>A participant of the room.</summary>
    Participant,

    /// <summary>A back end, by this interface.</summary>
    BackEnd,

    /// <summary>The server: timers, lost connections.</summary>
    Server,
}
