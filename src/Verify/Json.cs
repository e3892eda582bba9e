using System.Globalization;
using System.Text.Json;

namespace Sfu.Verify;

/// <summary>Reads JSON strictly: what is missing or of another kind ends in <see cref="MalformedException"/>, which the loaders turn into a finding.</summary>
internal static class Json
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    internal static JsonDocument Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            return JsonDocument.Parse(text, Strict);
        }
        catch (JsonException)
        {
            throw new MalformedException("no JSON");
        }
    }

    internal static JsonElement Object(this JsonElement parent, string name) => parent.Get(name, JsonValueKind.Object);

    internal static IEnumerable<JsonElement> Items(this JsonElement parent, string name) => parent.Get(name, JsonValueKind.Array).EnumerateArray();

    internal static string Text(this JsonElement parent, string name)
    {
        try
        {
            return parent.Get(name, JsonValueKind.String).GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new MalformedException($"{name}: no UTF-8");   // a lone surrogate or bad bytes in a string
        }
    }

    internal static string? TextOrNull(this JsonElement parent, string name) => parent.IsNull(name) ? null : parent.Text(name);

    internal static long Number(this JsonElement parent, string name) =>
        parent.Get(name, JsonValueKind.Number).TryGetInt64(out long value) ? value : throw new MalformedException($"{name}: no whole number");

    internal static long Count(this JsonElement parent, string name) =>
        parent.Number(name) is var value and >= 0 ? value : throw new MalformedException($"{name}: negative");

    internal static long? CountOrNull(this JsonElement parent, string name) => parent.IsNull(name) ? null : parent.Count(name);

    internal static uint U32(this JsonElement parent, string name) =>
        parent.Get(name, JsonValueKind.Number).TryGetUInt32(out uint value) ? value : throw new MalformedException($"{name}: no 32-bit number");

    internal static uint? U32OrNull(this JsonElement parent, string name) => parent.IsNull(name) ? null : parent.U32(name);

    internal static byte[] Hash(this JsonElement parent, string name)
    {
        string text = parent.Text(name);
        return text.Length == 64 && text.All(char.IsAsciiHexDigitLower) ? Convert.FromHexString(text) : throw new MalformedException($"{name}: no SHA-256");
    }

    internal static uint Ssrc(this JsonElement parent, string name)
    {
        string text = parent.Text(name);
        return text.Length == 8 && text.All(char.IsAsciiHexDigitLower)
            ? uint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : throw new MalformedException($"{name}: no SSRC");
    }

    internal static DateTimeOffset Time(this JsonElement parent, string name) =>
        TryTime(parent.Text(name), out DateTimeOffset time) ? time : throw new MalformedException($"{name}: no UTC time");

    internal static bool TryTime(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    internal static List<Span32> Spans(this JsonElement parent, string name)
    {
        var spans = new List<Span32>();
        foreach (JsonElement pair in parent.Items(name))
        {
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2
                || pair[0].ValueKind != JsonValueKind.Number || pair[1].ValueKind != JsonValueKind.Number
                || !pair[0].TryGetUInt32(out uint first) || !pair[1].TryGetUInt32(out uint last) || last < first) throw new MalformedException($"{name}: no range");
            spans.Add(new Span32(first, last));
        }
        return spans;
    }

    private static bool IsNull(this JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Null;

    private static JsonElement Get(this JsonElement parent, string name, JsonValueKind kind) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == kind
            ? value : throw new MalformedException($"{name} is missing or of another kind");
}
