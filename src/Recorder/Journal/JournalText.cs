using System.Text.Json;
using Sfu.Recorder.Capture;

namespace Sfu.Recorder.Journal;

/// <summary>The JSON records that the recorder writes by itself.</summary>
internal static class JournalText
{
    internal static ReadOnlySpan<byte> Muted => """{"event":"server_muted"}"""u8;

    internal static ReadOnlySpan<byte> Unmuted => """{"event":"server_unmuted"}"""u8;

    /// <summary>What a worker received of a stream and what of it is in the journal so far.</summary>
    internal static byte[] Receipt(uint ssrc, long received, long archived) =>
        Write(new { ssrc = Hex(ssrc), received, archived });

    /// <summary>Numbers that a closed gate kept out, and when the first and the last of them were received.</summary>
    internal static byte[] Withheld(in RingEntry entry) => Write(new
    {
        @event = "withheld",
        ssrc = Hex(entry.Ssrc),
        first = entry.Number,
        last = (uint)entry.Value,
        reason = entry.Gate == TapGate.Paused ? "paused" : "consent_pending",
        fromMonoNs = entry.From,
        toMonoNs = entry.To,
    });

    /// <summary>What a full ring or queue lost.</summary>
    internal static byte[] Fault(uint track, long refused) => Write(new { @event = "recorder_fault", track, cause = "overflow", refused });

    /// <summary>The recorder began again.</summary>
    internal static byte[] Restarted(Interruption interruption) => Write(new
    {
        @event = interruption.Cause,
        fromMicroseconds = interruption.FromWallMicroseconds,
        toMicroseconds = interruption.ToWallMicroseconds,
    });

    /// <summary>Reads <see cref="Restarted"/>; null for anything else.</summary>
    internal static Interruption? ReadRestarted(ReadOnlyMemory<byte> payload)
    {
        const string name = "recorder_restarted";
        try
        {
            using JsonDocument json = JsonDocument.Parse(payload);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("event", out JsonElement found) && found.ValueEquals(name)
                && json.RootElement.TryGetProperty("fromMicroseconds", out JsonElement from) && from.TryGetInt64(out long begin)
                && json.RootElement.TryGetProperty("toMicroseconds", out JsonElement to) && to.TryGetInt64(out long end)
                ? new Interruption(begin, end, name) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;                                       // an event of somebody else
        }
    }

    /// <summary>The last record of a recording.</summary>
    internal static byte[] Stopped(string reason) => Write(new { @event = "recording_stopped", reason });

    /// <summary>Reads the reason from <see cref="Stopped"/>; null for anything else.</summary>
    internal static string? ReadStopped(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(payload);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("event", out JsonElement name) && name.ValueEquals("recording_stopped"u8)
                && json.RootElement.TryGetProperty("reason", out JsonElement reason) ? reason.GetString() : null;
        }
        catch (JsonException)
        {
            return null;                                       // an event of somebody else
        }
    }

    /// <summary>Both clocks.</summary>
    internal static byte[] Anchor(ClockReading clock) => Write(new
    {
        monoNs = clock.Anchor.At.Nanoseconds,
        wallUs = clock.Anchor.UnixNanoseconds / 1000,
        synced = clock.IsSynced,
        maxErrorUs = clock.MaxErrorMicroseconds,
    });

    private static string Hex(uint ssrc) => ssrc.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value);
}
