using System.Text.Json.Nodes;

namespace Sfu.Tests.Signalling.Protocol;

/// <summary>Section 3 of docs/signalling.md as data: each message with all its members, which of them must be there, and their limits.</summary>
internal static class MessageSpecs
{
    public static IReadOnlyList<MessageSpec> All { get; } =
    [
        new("join", """
            {"type":"join","id":1,"v":1,"client":{"name":"demo","version":"1.0"},"token":"t","name":"Ann","metadata":"m","subscribe":"manual",
             "resume":{"session":"S_1","secret":"q","seq":0}}
            """, ["id", "v", "client"])
        {
            Texts = new()
            {
                ["client.name"] = (1, 64), ["client.version"] = (0, 32), ["token"] = (0, 16_384), ["name"] = (0, 128), ["metadata"] = (0, 2048),
                ["resume.session"] = (1, 64), ["resume.secret"] = (1, 512),
            },
            Numbers = new() { ["v"] = (1, 1), ["resume.seq"] = (0, long.MaxValue) },
            NestedRequired = ["client.name", "resume.session", "resume.secret", "resume.seq"],
            Words = ["subscribe"],
        },
        new("offer", """
            {"type":"offer","id":1,"rev":1,"sdp":"v=0","tracks":{"0":{"kind":"audio","source":"microphone","name":"mic"}}}
            """, ["id", "rev", "sdp"])
        {
            Texts = new() { ["sdp"] = (1, 524_288), ["tracks.0.name"] = (0, 128) },
            Numbers = new() { ["rev"] = (1, int.MaxValue) },
            Words = ["tracks.0.kind", "tracks.0.source"],
        },
        new("candidate", """{"type":"candidate","id":1,"ufrag":"abcd","mid":"0","candidate":"candidate:1"}""", ["ufrag", "mid", "candidate"])
        {
            Texts = new() { ["ufrag"] = (1, 256), ["mid"] = (1, 64), ["candidate"] = (0, 1024) },
            Nullable = ["candidate"],
        },
        new("publish", """{"type":"publish","id":1,"track":"TR_1","source":"camera","name":"n"}""", ["id", "track"])
        {
            Texts = new() { ["track"] = (1, 64), ["name"] = (0, 128) },
            Words = ["source"],
        },
        new("unpublish", """{"type":"unpublish","id":1,"track":"TR_1"}""", ["id", "track"]) { Texts = new() { ["track"] = (1, 64) } },
        new("subscribe", """{"type":"subscribe","id":1,"tracks":["TR_1","TR_2"],"on":true}""", ["id", "tracks", "on"])
        {
            Lists = new() { ["tracks"] = (1, 256, 64) },
        },
        new("layers", """{"type":"layers","id":1,"track":"TR_1","width":640,"height":360,"fps":30,"priority":1,"paused":true}""",
            ["track", "width", "height"])
        {
            Texts = new() { ["track"] = (1, 64) },
            Numbers = new() { ["width"] = (0, 16_384), ["height"] = (0, 16_384), ["fps"] = (1, 240), ["priority"] = (1, 255) },
        },
        new("mute", """{"type":"mute","id":1,"track":"TR_1","muted":true}""", ["id", "track", "muted"]) { Texts = new() { ["track"] = (1, 64) } },
        new("data text", """{"type":"data","id":1,"to":["PA_1"],"topic":"chat","text":"hello"}""", ["topic", "text"])
        {
            Texts = new() { ["topic"] = (1, 64) },
            Lists = new() { ["to"] = (1, 64, 64) },
        },
        new("data base64", """{"type":"data","topic":"x.y_z-1","base64":"AAEC"}""", ["topic", "base64"]),
        new("ping", """{"type":"ping","id":1,"t":5}""", ["t"]) { Numbers = new() { ["t"] = (long.MinValue, long.MaxValue) } },
        new("leave", """{"type":"leave","id":1,"reason":"r"}""", []) { Texts = new() { ["reason"] = (0, 64) } },
        new("kick", """{"type":"kick","id":1,"participant":"PA_1","reason":"r"}""", ["id", "participant"])
        {
            Texts = new() { ["participant"] = (1, 64), ["reason"] = (0, 256) },
        },
        new("mute_all", """{"type":"mute_all","id":1,"kind":"video"}""", ["id"]) { Words = ["kind"] },
        new("lock", """{"type":"lock","id":1}""", ["id"]),
        new("unlock", """{"type":"unlock","id":1}""", ["id"]),
        new("admit", """{"type":"admit","id":1,"participant":"PA_1"}""", ["id", "participant"]) { Texts = new() { ["participant"] = (1, 64) } },
        new("refuse", """{"type":"refuse","id":1,"participant":"PA_1"}""", ["id", "participant"]) { Texts = new() { ["participant"] = (1, 64) } },
    ];

    public static TheoryData<string> Names => [.. All.Select(spec => spec.Name)];

    public static MessageSpec Of(string name) => All.Single(spec => spec.Name == name);
}

/// <summary>One message of the table.</summary>
internal sealed record MessageSpec(string Name, string Json, string[] Required)
{
    public Dictionary<string, (int Min, int Max)> Texts { get; init; } = [];

    public Dictionary<string, (long Min, long Max)> Numbers { get; init; } = [];

    public Dictionary<string, (int Min, int Max, int Item)> Lists { get; init; } = [];

    public string[] NestedRequired { get; init; } = [];

    public string[] Words { get; init; } = [];

    public string[] Nullable { get; init; } = [];

    public JsonObject Parse() => JsonNode.Parse(Json)!.AsObject();

    /// <summary>Every member with its path, nested ones included.</summary>
    public IEnumerable<string> Paths() => PathsOf(Parse(), "");

    /// <summary>The message with one member changed.</summary>
    public string With(string path, JsonNode? value)
    {
        JsonObject root = Parse();
        (JsonObject parent, string name) = Find(root, path);
        parent[name] = value;
        return root.ToJsonString();
    }

    public string Without(string path)
    {
        JsonObject root = Parse();
        (JsonObject parent, string name) = Find(root, path);
        parent.Remove(name);
        return root.ToJsonString();
    }

    /// <summary>The message with a member written twice.</summary>
    public string Twice(string path)
    {
        JsonObject root = Parse();
        (JsonObject parent, string name) = Find(root, path);
        string original = parent.ToJsonString();
        string doubled = $"{original[..^1]},{System.Text.Json.JsonSerializer.Serialize(name)}:{parent[name]?.ToJsonString() ?? "null"}}}";
        return root.ToJsonString().Replace(original, doubled, StringComparison.Ordinal);
    }

    private static (JsonObject Parent, string Name) Find(JsonObject root, string path)
    {
        string[] parts = path.Split('.');
        JsonObject parent = parts[..^1].Aggregate(root, (node, part) => node[part]!.AsObject());
        return (parent, parts[^1]);
    }

    private static IEnumerable<string> PathsOf(JsonObject node, string prefix) => node.SelectMany(member =>
        member.Value is JsonObject inner
            ? PathsOf(inner, $"{prefix}{member.Key}.").Prepend(prefix + member.Key)
            : [prefix + member.Key]);
}
