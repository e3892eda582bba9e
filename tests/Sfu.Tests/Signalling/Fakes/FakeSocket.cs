using System.Text.Json;
using Sfu.Signalling.Sockets;

namespace Sfu.Tests.Signalling.Fakes;

/// <summary>Keeps what a session sends.</summary>
internal sealed class FakeSocket(TimeProvider time) : IClientSocket
{
    private readonly Queue<JsonElement> _sent = new();

    public bool IsOpen => CloseCode is null;

    public long LastFrameAt { get; set; } = time.GetTimestamp();

    public int? CloseCode { get; private set; }

    /// <summary>How many messages the test has not looked at yet.</summary>
    public int Pending => _sent.Count;

    public void Send(ReadOnlyMemory<byte> frame)
    {
        if (IsOpen) _sent.Enqueue(Parse(frame));
    }

    public void Close(int code, ReadOnlyMemory<byte>? last = null)
    {
        if (!IsOpen) return;
        if (last is { } frame) _sent.Enqueue(Parse(frame));
        CloseCode = code;
    }

    /// <summary>The next message, which must be of this type.</summary>
    public JsonElement Next(string type)
    {
        Assert.True(_sent.Count > 0, $"No message is there; expected {type}.");
        JsonElement message = _sent.Dequeue();
        Assert.True(message.GetProperty("type").GetString() == type, $"Expected {type}, got {message}");
        return message;
    }

    /// <summary>The next message, an event of this kind.</summary>
    public JsonElement NextEvent(string kind)
    {
        JsonElement message = Next("event");
        Assert.True(message.GetProperty("kind").GetString() == kind, $"Expected {kind}, got {message}");
        return message;
    }

    /// <summary>The next message, after <paramref name="within"/> if it is not there yet.</summary>
    public JsonElement Next(string type, Action within)
    {
        if (_sent.Count == 0) within();
        return Next(type);
    }

    /// <summary>All that is there.</summary>
    public JsonElement[] Rest()
    {
        JsonElement[] rest = [.. _sent];
        _sent.Clear();
        return rest;
    }

    /// <summary>Forgets the events in front.</summary>
    public void SkipEvents()
    {
        while (_sent.TryPeek(out JsonElement next) && next.GetProperty("type").GetString() == "event") _sent.Dequeue();
    }

    /// <summary>Forgets what was sent so far.</summary>
    public void Skip() => _sent.Clear();

    public void AssertNothing() => Assert.True(_sent.Count == 0, $"Unexpected: {string.Join(", ", _sent)}");

    private static JsonElement Parse(ReadOnlyMemory<byte> frame)
    {
        using JsonDocument document = JsonDocument.Parse(frame);
        return document.RootElement.Clone();
    }
}
