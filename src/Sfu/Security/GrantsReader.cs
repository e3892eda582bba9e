using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Sfu.Recordings;
using Sfu.Rooms;

namespace Sfu.Security;

/// <summary>Reads the <c>video</c> claim. Members we do not know are ignored (SDKs send grants of other servers), known ones are typed
/// strictly, null counts as absent.</summary>
internal static class GrantsReader
{
    private const int MaxSources = 16;
    private const int ConsentDigits = 64;

    /// <summary>Reads the grants; <paramref name="video"/> may be undefined, which grants nothing.</summary>
    public static bool TryRead(JsonElement video, [NotNullWhen(true)] out VideoGrants? grants, [NotNullWhen(false)] out string? problem)
    {
        grants = null;
        var flags = new Flags(video);
        bool publish = flags.Read("canPublish", absent: true);
        var read = new VideoGrants
        {
            RoomJoin = flags.Read("roomJoin"),
            RoomCreate = flags.Read("roomCreate"),
            RoomList = flags.Read("roomList"),
            RoomAdmin = flags.Read("roomAdmin"),
            RoomRecord = flags.Read("roomRecord"),
            CanPublish = publish,
            CanSubscribe = flags.Read("canSubscribe", absent: true),
            CanPublishData = flags.Read("canPublishData", absent: publish),
            Hidden = flags.Read("hidden"),
            Recorder = flags.Read("recorder"),
        };
        if (flags.Mistyped is { } name) return Fail($"video.{name} must be true or false.", out problem);
        if (!TryRoom(video, out string? room)) return Fail($"video.room must be a room name: 1 to {RoomKey.MaxRoomLength} of A-Z, a-z, 0-9, '.', '_', '-'.", out problem);
        if (!TrySources(video, out IReadOnlyList<TrackSource>? sources))
        {
            return Fail("video.canPublishSources must list camera, microphone, screen_share, screen_share_audio or other.", out problem);
        }

        if (!TryRecording(video, out RecordingPolicy? recording)) return Fail("video.recording must be required, best_effort or off.", out problem);

        if (!TryConsent(video, out string? consent)) return Fail("video.recordingConsent must be the SHA-256 of the text that was agreed to, in 64 lower-case hexadecimal digits.", out problem);

        grants = read with { Room = room, CanPublishSources = sources, Recording = recording, RecordingConsent = consent };
        problem = null;
        return true;
    }

    private static bool TryRoom(JsonElement video, out string? room)
    {
        room = null;
        if (!TryMember(video, "room", out JsonElement value)) return true;
        if (value.ValueKind != JsonValueKind.String || !TokenReader.TryGetString(value, out string? text)) return false;
        if (text is "") return true; // SDKs write an unset room as empty text
        room = text;
        return Names.IsValid(room, RoomKey.MaxRoomLength);
    }

    private static bool TryRecording(JsonElement video, out RecordingPolicy? recording)
    {
        recording = null;
        if (!TryMember(video, "recording", out JsonElement value)) return true;
        if (value.ValueKind != JsonValueKind.String || !TokenReader.TryGetString(value, out string? text)) return false;
        recording = text switch
        {
            "required" => RecordingPolicy.Required,
            "best_effort" => RecordingPolicy.BestEffort,
            "off" => RecordingPolicy.Off,
            _ => null,
        };
        return recording is not null; // an unknown word must not mean that somebody is not recorded
    }

    private static bool TryConsent(JsonElement video, out string? consent)
    {
        consent = null;
        if (!TryMember(video, "recordingConsent", out JsonElement value)) return true;
        if (value.ValueKind != JsonValueKind.String || !TokenReader.TryGetString(value, out consent)) return false;
        return consent is { Length: ConsentDigits } && consent.All(digit => char.IsAsciiHexDigitLower(digit));
    }

    private static bool TrySources(JsonElement video, [NotNullWhen(true)] out IReadOnlyList<TrackSource>? sources)
    {
        sources = [];
        if (!TryMember(video, "canPublishSources", out JsonElement value)) return true;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxSources) return false;

        var list = new List<TrackSource>();
        foreach (JsonElement item in value.EnumerateArray())
        {
            // An unknown source must not be skipped: an empty list means all sources.
            if (item.ValueKind != JsonValueKind.String || !TokenReader.TryGetString(item, out string? text) || SourceOf(text) is not { } source) return false;
            list.Add(source);
        }

        sources = list;
        return true;
    }

    private static TrackSource? SourceOf(string? text) => text switch
    {
        "camera" => TrackSource.Camera,
        "microphone" => TrackSource.Microphone,
        "screen_share" => TrackSource.ScreenShare,
        "screen_share_audio" => TrackSource.ScreenShareAudio,
        "other" => TrackSource.Other,
        _ => null,
    };

    private static bool TryMember(JsonElement video, string name, out JsonElement value)
    {
        value = default;
        return video.ValueKind == JsonValueKind.Object && video.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private static bool Fail(string sentence, out string problem)
    {
        problem = sentence;
        return false;
    }

    /// <summary>Reads booleans and remembers the first that is none.</summary>
    private sealed class Flags(JsonElement video)
    {
        /// <summary>The first mistyped member, or null.</summary>
        public string? Mistyped { get; private set; }

        /// <summary>One boolean; <paramref name="absent"/> when it is not there.</summary>
        public bool Read(string name, bool absent = false)
        {
            if (!TryMember(video, name, out JsonElement value)) return absent;
            if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
            Mistyped ??= name;
            return false;
        }
    }
}
