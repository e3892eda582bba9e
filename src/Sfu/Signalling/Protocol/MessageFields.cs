using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Sfu.Rooms;

namespace Sfu.Signalling.Protocol;

/// <summary>The members of one JSON object, taken one by one; what is wrong first is kept, later reads then give defaults.</summary>
/// <remarks>Strict: a member that is there twice, is null, or is left over at the end is a problem. Not thread-safe.</remarks>
internal sealed class MessageFields
{
    private readonly string _path;
    private readonly List<KeyValuePair<string, JsonElement>> _members = [];

    /// <summary>Collects the members of an object.</summary>
    /// <param name="element">The object; another kind is a problem.</param>
    /// <param name="path">Its place in the message, empty for the message itself.</param>
    /// <param name="maxMembers">More are a problem.</param>
    public MessageFields(JsonElement element, string path, int maxMembers = ClientMessageLimits.Members)
    {
        _path = path;
        if (element.ValueKind != JsonValueKind.Object)
        {
            Problem = new MessageProblem(path.Length == 0 ? null : path, "This must be an object.");
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string name = property.Name;
            if (seen.Count == maxMembers) Fail(name, $"There are more than {maxMembers} members.");
            else if (!seen.Add(name)) Fail(name, "This member is there twice.");
            if (Problem is not null) return;
            _members.Add(new(name, property.Value));
        }
    }

    /// <summary>What was wrong first, or null.</summary>
    public MessageProblem? Problem { get; private set; }

    /// <summary>Notes a problem of a member, unless there is one already.</summary>
    [MemberNotNull(nameof(Problem))]
    public void Fail(string name, string message) => Problem ??= new MessageProblem(PathOf(name), message);

    /// <summary>Notes a problem that a nested object found.</summary>
    public void Adopt(MessageFields nested) => Problem ??= nested.Problem;

    /// <summary>To be called last: members that nobody took are unknown.</summary>
    public void Finish()
    {
        if (_members.Count > 0) Fail(_members[0].Key, "This member is not known here.");
    }

    /// <summary>The place of a member, shortened: names are the client's.</summary>
    public string PathOf(string name)
    {
        string shown = name.Length <= 64 ? name : name[..64];
        return _path.Length == 0 ? shown : $"{_path}.{shown}";
    }

    /// <summary>Takes a member that need not be there.</summary>
    public bool TryTake(string name, out JsonElement value)
    {
        value = default;
        if (Problem is not null) return false;
        int at = _members.FindIndex(member => member.Key == name);
        if (at < 0) return false;
        value = _members[at].Value;
        _members.RemoveAt(at);
        return true;
    }

    /// <summary>Takes a member that must be there.</summary>
    public bool TryTakeRequired(string name, out JsonElement value)
    {
        if (TryTake(name, out value)) return true;
        Fail(name, "This member is missing.");
        return false;
    }

    /// <summary>The names of the members that were not taken yet.</summary>
    public IReadOnlyList<string> Remaining() => _members.ConvertAll(member => member.Key);

    /// <summary>An integer that must be there.</summary>
    public int Integer(string name, int min, int max) => TryTakeRequired(name, out JsonElement value) ? ToInteger(name, value, min, max) : 0;

    /// <summary>An integer, or null when it is not there.</summary>
    public int? OptionalInteger(string name, int min, int max) =>
        TryTake(name, out JsonElement value) ? ToInteger(name, value, min, max) : null;

    /// <summary>A 64-bit integer that must be there.</summary>
    public long Long(string name, long min)
    {
        if (!TryTakeRequired(name, out JsonElement value)) return 0;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= min) return number;
        Fail(name, min == long.MinValue ? "This must be a 64-bit integer." : $"This must be a 64-bit integer of at least {min}.");
        return 0;
    }

    /// <summary>True or false; it must be there.</summary>
    public bool Boolean(string name) => TryTakeRequired(name, out JsonElement value) && ToBoolean(name, value);

    /// <summary>True or false; false when it is not there.</summary>
    public bool OptionalBoolean(string name) => TryTake(name, out JsonElement value) && ToBoolean(name, value);

    /// <summary>Text of 1 to <paramref name="max"/> characters that must be there.</summary>
    public string Text(string name, int max, int min = 1) => TryTakeRequired(name, out JsonElement value) ? ToText(name, value, min, max) : "";

    /// <summary>Text of at most <paramref name="max"/> characters, or null when it is not there.</summary>
    public string? OptionalText(string name, int max, int min = 0) =>
        TryTake(name, out JsonElement value) ? ToText(name, value, min, max) : null;

    /// <summary>Text for people: well-formed, without control characters but tab and line feed; null when it is not there.</summary>
    public string? OptionalProse(string name, int max)
    {
        string? text = OptionalText(name, max);
        if (text is not null && !Names.IsText(text, max)) Fail(name, "This text has control characters.");
        return text;
    }

    /// <summary>One of a closed set of words, or null when it is not there.</summary>
    public T? OptionalWord<T>(string name, Func<string, T?> read)
        where T : struct
    {
        if (!TryTake(name, out JsonElement value)) return null;
        string word = ToText(name, value, 1, 64);
        T? found = read(word);
        if (found is null) Fail(name, "This word is not one of those the protocol has.");
        return found;
    }

    /// <summary>Texts of a list that has 1 to <paramref name="maxCount"/>; empty when something is wrong.</summary>
    public IReadOnlyList<string> Texts(string name, JsonElement value, int maxCount, int maxLength)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() is var count && (count < 1 || count > maxCount))
        {
            Fail(name, $"This must be a list of 1 to {maxCount}.");
            return [];
        }

        var texts = new List<string>(count);
        foreach (JsonElement item in value.EnumerateArray()) texts.Add(ToText(name, item, 1, maxLength));
        return texts;
    }

    private int ToInteger(string name, JsonElement value, int min, int max)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= min && number <= max) return number;
        Fail(name, $"This must be an integer from {min} to {max}.");
        return min;
    }

    private bool ToBoolean(string name, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Fail(name, "This must be true or false.");
        return false;
    }

    private string ToText(string name, JsonElement value, int min, int max)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Fail(name, "This must be text.");
            return "";
        }

        string text = value.GetString()!;
        if (text.Length >= min && text.Length <= max) return text;
        Fail(name, min > 0 ? $"This must have {min} to {max} characters." : $"This may have at most {max} characters.");
        return "";
    }
}
