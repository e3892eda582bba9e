using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sfu.Rooms;

/// <summary>Server-made id of one participation (<c>PA_</c>...); opaque, at most 64 characters, never reused.</summary>
[GenerateSerializer, Immutable, JsonConverter(typeof(ParticipantIdConverter))]
public readonly record struct ParticipantId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Server-made id of one published track (<c>TR_</c>...); opaque, at most 64 characters, never reused.</summary>
[GenerateSerializer, Immutable, JsonConverter(typeof(TrackIdConverter))]
public readonly record struct TrackId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Server-made id of one signalling session (<c>S_</c>...), which may outlive several sockets; never reused.</summary>
[GenerateSerializer, Immutable, JsonConverter(typeof(SessionIdConverter))]
public readonly record struct SessionId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Makes the ids: a prefix and 16 random characters (80 bits), so that they can neither collide nor be guessed.</summary>
public static class ServerIds
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>A new participant id.</summary>
    public static ParticipantId NewParticipant() => new(New("PA_"));

    /// <summary>A new track id.</summary>
    public static TrackId NewTrack() => new(New("TR_"));

    /// <summary>A new session id.</summary>
    public static SessionId NewSession() => new(New("S_"));

    /// <summary>A new id of a room's life: a room that is created again under the same name gets another.</summary>
    public static string NewRoom() => New("RM_");

    private static string New(string prefix) => prefix + RandomNumberGenerator.GetString(Alphabet, 16);
}

internal abstract class TextIdConverter<T>(Func<string, T> read, Func<T, string> write) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        read(reader.GetString() ?? throw new JsonException("an id is text"));

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(write(value));

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, typeToConvert, options);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WritePropertyName(write(value));
}

internal sealed class ParticipantIdConverter() : TextIdConverter<ParticipantId>(text => new(text), id => id.Value);

internal sealed class TrackIdConverter() : TextIdConverter<TrackId>(text => new(text), id => id.Value);

internal sealed class SessionIdConverter() : TextIdConverter<SessionId>(text => new(text), id => id.Value);
