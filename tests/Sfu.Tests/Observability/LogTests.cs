using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sfu.Observability;
using Sfu.Security;

namespace Sfu.Tests.Observability;

/// <summary>T30: logs hold no secrets and no forged lines.</summary>
public sealed partial class LogTests
{
    private const string Jwt = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJrIn0.c2lnbmF0dXJl";
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));

    [Theory]
    [InlineData($"GET /ws?access_token={Jwt}&x=1", "GET /ws?access_token=***&x=1")]
    [InlineData("GET /ws?ACCESS_TOKEN=opaque HTTP/1.1", "GET /ws?ACCESS_TOKEN=*** HTTP/1.1")]
    [InlineData("/?room=a&token=opaque", "/?room=a&token=***")]
    [InlineData("Authorization: Bearer opaque.token", "Authorization: Bearer ***")]
    [InlineData($"token '{Jwt}' failed", "token '***' failed")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.", "***")]
    [InlineData("nothing to hide", "nothing to hide")]
    public void Redact_Tokens_AreTakenOut(string text, string expected) => Assert.Equal(expected, LogText.Redact(text));

    [Theory]
    [InlineData("a\r\nb", "a\\u000d\\nb")]
    [InlineData("a\u001b[31mb", "a\\u001b[31mb")]
    [InlineData("a\u2028b\u0085c\u007fd", "a\\u2028b\\u0085c\\u007fd")]
    [InlineData("zoë 安娜", "zoë 安娜")]
    public void Escape_ControlCharacters_AreWrittenOut(string text, string expected) => Assert.Equal(expected, LogText.Escape(text));

    [Fact]
    public void Text_HostileNameAndException_StayOnMarkedLines()
    {
        string[] lines = Write(json: false, "ann\n12:00:00.000 crit  [1] Sfu: forged", new InvalidOperationException("one\n00:00:00.000 info  [2] Sfu: forged too")).TrimEnd('\n').Split('\n');

        Assert.StartsWith("03:04:05.678 warn  [77] Sfu.Test: Joined ann\\n12:00:00.000 crit", lines[0], StringComparison.Ordinal);
        Assert.All(lines[1..], line => Assert.StartsWith("    | ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Json_HostileName_IsOneObjectWithTheValue()
    {
        string line = Write(json: true, "ann\n\u2028{\"level\":\"crit\"}", null);

        Assert.Single(line.TrimEnd('\n').Split('\n'));
        JsonElement entry = JsonDocument.Parse(line).RootElement;
        Assert.Equal("2026-01-02T03:04:05.678Z", entry.GetProperty("at").GetString());
        Assert.Equal(("warn", 77, "Sfu.Test"), (entry.GetProperty("level").GetString(), entry.GetProperty("event").GetInt32(), entry.GetProperty("category").GetString()));
        Assert.Equal("ann\n\u2028{\"level\":\"crit\"}", entry.GetProperty("values").GetProperty("Name").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_SecretAndToken_ShowNeither(bool json)
    {
        string line = Write(json, new Secret("canary-secret-value"), new InvalidOperationException($"bad token {Jwt}"));

        Assert.Contains("***", line, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", line, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Secret_PrintedInAnyWay_ShowsNothing()
    {
        var key = new ApiKey("k", new Secret("canary-secret-value"), "default");

        Assert.DoesNotContain("canary", $"{key} {key.Secret} {JsonSerializer.Serialize(key)}", StringComparison.Ordinal);
    }

    private static string Write(bool json, object value, Exception? exception)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var capture = new Capture();
        Joined(capture, exception, value);
        capture.WriteTo(new LineFormatter(json, Clock), writer);
        return writer.ToString();
    }

    [LoggerMessage(77, LogLevel.Warning, "Joined {Name}")]
    private static partial void Joined(ILogger logger, Exception? exception, object name);

    /// <summary>Gets the state that the logging extensions make, and hands it to a formatter.</summary>
    private sealed class Capture : ILogger
    {
        private Action<LineFormatter, TextWriter>? _write;

        public void WriteTo(LineFormatter formatter, TextWriter writer) => _write!(formatter, writer);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _write = (target, writer) => target.Write(new LogEntry<TState>(logLevel, "Sfu.Test", eventId, state, exception, formatter), null, writer);
    }
}
