using System.Text.Json;
using Sfu.Media.Time;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Derivation.Sources;

/// <summary>Finds out who was in the room, from the events of track 0: those of the room's log and <see cref="PresenceEvent"/>.</summary>
/// <remarks>Who waits in the lobby, did not agree to be recorded, is exempt from it, or is hidden, is not there. An event that cannot be read
/// says nothing. Owned by one thread.</remarks>
internal sealed class PresenceReader
{
    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal);
    private readonly List<(Person Who, MediaTime From, MediaTime To)> _times = [];

    /// <summary>Takes the next event.</summary>
    /// <param name="at">When it was written, from the start of the recording.</param>
    /// <param name="payload">Its JSON.</param>
    public void Take(MediaTime at, ReadOnlyMemory<byte> payload)
    {
        if (JournalText.ReadRestarted(payload) is not null)
        {
            // Who left meanwhile has no event; who is still there is told next.
            foreach (Person person in _people.Values) person.Doubt ??= at;
            return;
        }
        try
        {
            using JsonDocument json = JsonDocument.Parse(payload);
            if (Text(json.RootElement, "event") == PresenceEvent.EventName) TakePresent(at, json.RootElement);
            else if (Member(json.RootElement, "room") is { } room) TakeRoom(at, room);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not ours, or a text that is none: it stays in the journal as it came.
        }
    }

    /// <summary>The recording ends.</summary>
    /// <returns>Everybody who was there, by the time of coming; names as they were last.</returns>
    public IReadOnlyList<SourcePresence> Finish(MediaTime end)
    {
        foreach (Person person in _people.Values) Change(person, person.Doubt ?? end, isIn: false, person.IsRecorded);
        return [.. from time in _times orderby time.From select new SourcePresence(time.Who.Id, time.Who.Identity, time.Who.Name, time.From, time.To)];
    }

    private void TakePresent(MediaTime at, JsonElement json)
    {
        if (Text(json, "participant") is not { } id) return;
        if (Text(json, "identity") is { } identity) Know(id, identity, Text(json, "name"));
        if (!_people.TryGetValue(id, out Person? person)) return;
        person.Doubt = null;
        Change(person, at, isIn: true, isRecorded: true);
    }

    private void TakeRoom(MediaTime at, JsonElement room)
    {
        switch (Text(room, "kind"))
        {
            case "participant_joined" or "participant_admitted" when Member(room, "participant") is { } one && Text(one, "id") is { } id && Text(one, "identity") is { } identity:
                Person person = Know(id, identity, Text(one, "name"));
                person.Doubt = null;
                person.IsHidden = Member(one, "rights") is { } rights && (IsTrue(rights, "hidden") || IsTrue(rights, "recorder"));
                Change(person, at, isIn: true, IsRecorded(Text(one, "recording")));
                break;
            case "participant_left" when Find(room) is { } left:
                left.Doubt = null;
                Change(left, at, isIn: false, left.IsRecorded);
                break;
            case "participant_recording" when Find(room) is { } one:
                Mark(one, at, Text(room, "state"));
                break;
            case "recording" when Member(room, "states") is { ValueKind: JsonValueKind.Array } states:
                foreach (JsonElement state in states.EnumerateArray())
                    if (Find(state) is { } one) Mark(one, at, Text(state, "state"));
                break;
            case "metadata" when Find(room) is { } renamed:
                renamed.Name = Text(room, "name") ?? renamed.Name;
                break;
        }
    }

    private Person Know(string id, string identity, string? name)
    {
        if (!_people.TryGetValue(id, out Person? person)) _people.Add(id, person = new Person(id));
        (person.Identity, person.Name) = (identity, name ?? "");
        return person;
    }

    private Person? Find(JsonElement json) => Text(json, "participant") is { } id ? _people.GetValueOrDefault(id) : null;

    private void Mark(Person person, MediaTime at, string? state)
    {
        person.Doubt = null;
        Change(person, at, person.IsIn, IsRecorded(state));
    }

    private void Change(Person person, MediaTime at, bool isIn, bool isRecorded)
    {
        (person.IsIn, person.IsRecorded) = (isIn, isRecorded);
        bool isThere = isIn && isRecorded && !person.IsHidden;
        if (isThere) person.Since ??= at;
        else if (person.Since is { } since)
        {
            if (at > since) _times.Add((person, since, at));
            person.Since = null;
        }
    }

    private static bool IsRecorded(string? state) => state is "on" or "paused";

    private static string? Text(JsonElement json, string name) => Member(json, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static bool IsTrue(JsonElement json, string name) => Member(json, name) is { ValueKind: JsonValueKind.True };

    private static JsonElement? Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) ? value : null;

    private sealed class Person(string id)
    {
        public string Id { get; } = id;

        public string Identity { get; set; } = "";

        public string Name { get; set; } = "";

        public bool IsIn { get; set; }

        public bool IsRecorded { get; set; }

        public bool IsHidden { get; set; }

        /// <summary>Since when it is there; null when it is not.</summary>
        public MediaTime? Since { get; set; }

        /// <summary>The recorder began again then, and nothing was heard of it since.</summary>
        public MediaTime? Doubt { get; set; }
    }
}
