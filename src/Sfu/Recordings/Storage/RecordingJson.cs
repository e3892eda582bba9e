using System.Text.Json;
using System.Text.Json.Serialization;
using Sfu.Rooms.Storage;

namespace Sfu.Recordings.Storage;

/// <summary>How recordings are stored: JSON whose names never change their meaning.</summary>
internal static class RecordingJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>A value's text.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>Reads a value.</summary>
    public static T Read<T>(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, Options) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new RoomStoreException("The stored text of a recording cannot be read; it was made by a newer version or is damaged.", e);
        }
    }

    /// <summary>An enumeration's stored name.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>An id as it is stored: its order is that of the requests.</summary>
    public static string Id(Guid id) => id.ToString("D");
}
