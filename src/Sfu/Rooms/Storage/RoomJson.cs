using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sfu.Rooms.Storage;

/// <summary>How events, snapshots and directory entries are stored: JSON whose names never change their meaning.</summary>
internal static class RoomJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>An event's text.</summary>
    public static string Write(RoomEvent roomEvent) => JsonSerializer.Serialize(roomEvent, Options);

    /// <summary>An entry of the log as a recording keeps it: what happened, its number and its time, UTF-8; without the hashes of secrets, which stay here.</summary>
    public static byte[] WriteEntry(LoggedEvent entry) => JsonSerializer.SerializeToUtf8Bytes(new JournalEntry(entry.Seq, entry.At, WithoutSecrets(entry.Event)), Options);

    /// <summary>A state's text.</summary>
    public static string Write(RoomState state) => JsonSerializer.Serialize(state, Options);

    /// <summary>A directory entry's text.</summary>
    public static string Write(RoomInfo info) => JsonSerializer.Serialize(info, Options);

    /// <summary>Reads an event.</summary>
    public static RoomEvent ReadEvent(string text) => Read<RoomEvent>(text);

    /// <summary>Reads a state.</summary>
    public static RoomState ReadState(string text) => Read<RoomState>(text);

    /// <summary>Reads a directory entry.</summary>
    public static RoomInfo ReadInfo(string text) => Read<RoomInfo>(text);

    /// <summary>An audience's name.</summary>
    public static string Name(EventAudience audience) => audience switch
    {
        EventAudience.Everyone => "everyone",
        EventAudience.Admins => "admins",
        EventAudience.BackEnd => "back_end",
        _ => "internal",
    };

    /// <summary>Reads an audience's name; an unknown one is shown to nobody.</summary>
    public static EventAudience ReadAudience(string name) => name switch
    {
        "everyone" => EventAudience.Everyone,
        "admins" => EventAudience.Admins,
        "back_end" => EventAudience.BackEnd,
        _ => EventAudience.Internal,
    };

    private static RoomEvent WithoutSecrets(RoomEvent roomEvent)
    {
        return roomEvent switch
        {
            ParticipantWaiting waiting => new ParticipantWaiting(Without(waiting.Participant)),
            ParticipantJoined joined => new ParticipantJoined(Without(joined.Participant)),
            ParticipantAdmitted admitted => admitted with { Participant = Without(admitted.Participant) },
            _ => roomEvent,
        };

        static Participant Without(Participant participant) => participant with { SecretHash = "", PreviousSecretHash = "" };
    }

    // No anonymous type: its properties cannot be set, and those are left out.
    private sealed record JournalEntry(long Seq, DateTimeOffset At, RoomEvent Room);

    private static T Read<T>(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, Options) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new RoomStoreException("The stored text cannot be read; it was made by a newer version or is damaged.", e);
        }
    }
}
