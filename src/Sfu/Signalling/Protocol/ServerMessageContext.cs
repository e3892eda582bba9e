using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sfu.Signalling.Protocol;

/// <summary>Writes what goes to clients; made by the source generator.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ServerMessage))]
[JsonSerializable(typeof(EventMessage))]
internal sealed partial class ServerMessageContext : JsonSerializerContext
{
    /// <summary>The context in use. Names and chats are of all languages, and no frame is pasted into HTML: only what JSON demands is escaped.</summary>
    public static ServerMessageContext Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>One frame.</summary>
    public static byte[] Write(ServerMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, Wire.ServerMessage);

    /// <summary>One frame.</summary>
    public static byte[] Write(EventMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, Wire.EventMessage);
}
