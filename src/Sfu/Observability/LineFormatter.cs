using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Sfu.Observability;

/// <summary>Writes log entries as one line each: text for people, or JSON for machines.</summary>
/// <param name="json">JSON instead of text.</param>
/// <param name="clock">Time of the entries.</param>
internal sealed class LineFormatter(bool json, TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    /// <summary>Name under which the console logger finds it.</summary>
    public const string FormatterName = "sfu";

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (string.IsNullOrEmpty(message) && logEntry.Exception is null) return;
        if (json) WriteJson(logEntry, message, textWriter);
        else WriteText(logEntry, message, textWriter);
    }

    private void WriteText<TState>(in LogEntry<TState> entry, string message, TextWriter writer)
    {
        writer.Write(clock.GetUtcNow().ToString("HH:mm:ss.fff ", CultureInfo.InvariantCulture));
        writer.Write(NameOf(entry.LogLevel).PadRight(6));
        writer.Write($"[{entry.EventId.Id}] {entry.Category}: ");
        writer.WriteLine(LogText.Escape(LogText.Redact(message)));
        if (entry.Exception is null) return;
        foreach (string line in LogText.Redact(entry.Exception.ToString()).Split('\n'))
        {
            writer.Write("    | "); // a line that a message forged cannot pass for an entry
            writer.WriteLine(LogText.Escape(line.TrimEnd('\r')));
        }
    }

    private void WriteJson<TState>(in LogEntry<TState> entry, string message, TextWriter writer)
    {
        using var buffer = new MemoryStream();
        using (var line = new Utf8JsonWriter(buffer, Relaxed))
        {
            line.WriteStartObject();
            line.WriteString("at", clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            line.WriteString("level", NameOf(entry.LogLevel));
            line.WriteNumber("event", entry.EventId.Id);
            line.WriteString("category", entry.Category);
            line.WriteString("message", LogText.Redact(message));
            if (Activity.Current is { } activity) line.WriteString("trace", activity.TraceId.ToHexString());
            if (entry.Exception is not null) line.WriteString("exception", LogText.Redact(entry.Exception.ToString()));
            WriteValues(line, entry.State);
            line.WriteEndObject();
        }

        writer.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private static void WriteValues<TState>(Utf8JsonWriter line, TState state)
    {
        if (state is not IEnumerable<KeyValuePair<string, object?>> values) return;
        line.WriteStartObject("values");
        foreach ((string name, object? value) in values)
        {
            if (name == "{OriginalFormat}") continue;
            switch (value)
            {
                case null: line.WriteNull(name); break;
                case bool flag: line.WriteBoolean(name, flag); break;
                case int or long or short or byte or uint or ushort: line.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
                case double number when double.IsFinite(number): line.WriteNumber(name, number); break;
                default: line.WriteString(name, LogText.Redact(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")); break;
            }
        }

        line.WriteEndObject();
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "crit",
    };
}
