using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Sfu.Media;
using Sfu.Media.Rtcp;
using Sfu.Recorder.Journal;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Evidence;

/// <summary>Reads the records that are no media for what manifests say: receipts, sender reports, clock anchors, and the recording's events.</summary>
/// <remarks>The journal is what this server wrote, but an event may be anybody's text: what cannot be read is passed over, and stays in the journal.</remarks>
/// <param name="completeness">Told what was sent, received, withheld and explained.</param>
internal sealed class NoteReader(Completeness completeness)
{
    private const string Room = "room";
    private const long ReportMicroseconds = 3_000_000;

    /// <summary>Two pauses of a track with more than this between them are two gaps; so is one in which it sends nothing for longer.</summary>
    private const long PauseMicroseconds = 500_000;

    /// <summary>What belongs to a pause may come this much later: a picture or key that began in it.</summary>
    private const long MaskMicroseconds = 250_000;


    private readonly Dictionary<string, (long From, string Reason, uint Track)> _paused = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, long> _muted = [];
    private readonly Dictionary<(uint Track, GapCause Cause), (long From, long To)> _masked = [];
    private readonly List<PauseEntry> _pauses = [];
    private readonly List<(long From, long To)> _roomPauses = [];
    private int _events, _consents;
    private bool _isSynced = true;
    private long? _maxError;

    /// <summary>Takes one record, after the chunk that it stands in.</summary>
    internal void Take(SegmentNote note)
    {
        switch (note.Type)
        {
            case RecordType.RtcpReceived:
                TakeReport(note);
                break;
            case RecordType.Receipt:
                With(note, json =>
                {
                    if (Ssrc(json) is { } ssrc && Number(json, "received") is { } received && Number(json, "archived") is { } archived)
                        completeness.Receipt(note.Track, ssrc, received, archived);
                });
                break;
            case RecordType.ClockAnchor:
                With(note, json =>
                {
                    _isSynced &= json.TryGetProperty("synced", out JsonElement synced) && synced.ValueKind == JsonValueKind.True;
                    _maxError = Math.Max(_maxError ?? 0, Number(json, "maxErrorUs") ?? 0);
                });
                break;
            case RecordType.Event:
                _events++;
                With(note, json => TakeEvent(note, json));
                break;
        }
    }

    /// <summary>What the manifest of the segment says about events and clock; the next segment begins.</summary>
    /// <param name="toMicroseconds">End of the segment: a pause that goes on is listed up to there.</param>
    internal (EventsEntry Events, ClockEntry Clock) CloseSegment(long toMicroseconds)
    {
        foreach ((string scope, (long from, string reason, _)) in _paused) AddPause(from, toMicroseconds, reason, scope);
        var events = new EventsEntry(_events, _consents, [.. _pauses]);
        var clock = new ClockEntry(_isSynced && _maxError is not null, _maxError ?? 0);
        _pauses.Clear();
        (_events, _consents, _isSynced, _maxError) = (0, 0, true, null);
        return (events, clock);
    }

    /// <summary>The recording ends: what is open is explained up to there.</summary>
    internal void End(long atMicroseconds)
    {
        foreach ((string scope, (long from, _, uint track)) in _paused) ExplainPause(scope, track, from, atMicroseconds);
        foreach ((uint track, long from) in _muted) completeness.Explain(new DeclaredSpan(track, GapCause.SenderMute, from, atMicroseconds));
        foreach (((uint track, GapCause cause), (long From, long To) mask) in _masked) ExplainMask(track, cause, mask);
        _paused.Clear();
        _muted.Clear();
        _masked.Clear();
        _roomPauses.Clear();
    }

    /// <summary>Reads the event that says from when to when nothing was recorded; null for every other.</summary>
    internal static Interruption? ReadInterruption(ReadOnlyMemory<byte> payload)
    {
        Interruption? found = null;
        With(payload, json =>
        {
            if (Text(json, "event") is { } cause && Number(json, "fromMicroseconds") is { } from && Number(json, "toMicroseconds") is { } to)
                found = new Interruption(from, to, cause);
        });
        return found;
    }

    private void TakeReport(SegmentNote note)
    {
        ReadOnlySpan<byte> bytes = note.Payload.Span;
        if (RtcpReader.Open(Padded(bytes), out RtcpReader reader) != DropReason.None || !reader.MoveNext(out RtcpPacket packet)) return;
        if (SenderReport.TryParse(packet, out SenderReport report) == DropReason.None) completeness.SenderReport(note.Track, report.Ssrc.Value, report.PacketCount, note.Before);
    }

    /// <summary>The record has no padding, but a head that may count it.</summary>
    private static byte[] Padded(ReadOnlySpan<byte> bytes)
    {
        byte[] whole = bytes.ToArray();
        if (whole.Length < 4) return whole;
        whole[0] &= 0xDF;
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(2), (ushort)(whole.Length / 4 - 1));
        return whole;
    }

    private void TakeEvent(SegmentNote note, JsonElement json)
    {
        switch (Text(json, "event"))
        {
            case "withheld":
                if (Ssrc(json) is { } ssrc && Number(json, "first") is { } first && Number(json, "last") is { } last && last >= first)
                    completeness.Withhold(note.Track, ssrc, new SequenceRange((uint)first, (uint)last));
                if (Number(json, "fromMonoNs") is { } since && Number(json, "toMonoNs") is { } until)
                    TakeMasked(note.Track, Text(json, "reason") == "consent_pending" ? GapCause.ConsentPending : GapCause.Paused, Wall(note, since), Wall(note, until));
                break;
            case "consent" or "consent_refused":
                _consents++;
                break;
            case "paused":
                _paused.TryAdd(Scope(json), (note.WallMicroseconds, Text(json, "reason") ?? "other", (uint)(Number(json, "track") ?? 0)));
                break;
            case "resumed":
                if (_paused.Remove(Scope(json), out (long From, string Reason, uint Track) pause)) EndPause(pause, Scope(json), note.WallMicroseconds);
                break;
            case "sender_muted":
                _muted.TryAdd((uint)(Number(json, "track") ?? 0), note.WallMicroseconds);
                break;
            case "sender_unmuted":
                uint track = (uint)(Number(json, "track") ?? 0);
                if (_muted.Remove(track, out long from)) completeness.Explain(new DeclaredSpan(track, GapCause.SenderMute, from, note.WallMicroseconds));
                break;
        }
    }

    /// <summary>What a track received while it was masked is reported about once a second: reports that follow each other are one time. So a pause of an
    /// identity is declared for each of its tracks, also those that came in the middle of it; that of the room stands for all.</summary>
    private void TakeMasked(uint track, GapCause cause, long from, long to)
    {
        if (_masked.TryGetValue((track, cause), out (long From, long To) known))
        {
            if (from - known.To <= (cause == GapCause.Paused ? PauseMicroseconds : ReportMicroseconds)) (from, to) = (known.From, Math.Max(known.To, to));
            else ExplainMask(track, cause, known);
        }

        _masked[(track, cause)] = (from, to);
    }

    private static long Wall(SegmentNote note, long mono) => note.WallMicroseconds - (note.MonoNanoseconds - mono) / 1000;

    private void EndPause((long From, string Reason, uint Track) pause, string scope, long to)
    {
        AddPause(pause.From, to, pause.Reason, scope);
        ExplainPause(scope, pause.Track, pause.From, to);
    }

    private void ExplainPause(string scope, uint track, long from, long to)
    {
        if (scope == Room) _roomPauses.Add((from, to));
        if (scope == Room || track != 0) completeness.Explain(new DeclaredSpan(track, GapCause.Paused, from, to));
    }

    private void ExplainMask(uint track, GapCause cause, (long From, long To) mask)
    {
        bool isOfTheRoom = cause == GapCause.Paused && _roomPauses.Exists(room => mask.From >= room.From - MaskMicroseconds && mask.To <= room.To + MaskMicroseconds);
        if (!isOfTheRoom) completeness.Explain(new DeclaredSpan(track, cause, mask.From, mask.To));
    }

    private void AddPause(long from, long to, string reason, string scope) =>
        _pauses.Add(new PauseEntry(ManifestJson.Utc(from), ManifestJson.Utc(Math.Max(from, to)), reason, scope));

    private static string Scope(JsonElement json) => Text(json, "scope") ?? Room;

    private static void With(SegmentNote note, Action<JsonElement> take) => With(note.Payload, take);

    private static void With(ReadOnlyMemory<byte> payload, Action<JsonElement> take)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(payload);
            if (json.RootElement.ValueKind == JsonValueKind.Object) take(json.RootElement);
        }
        catch (JsonException)
        {
            // Somebody's event that is no JSON: it is in the journal as it came, and says nothing here.
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : null;

    private static uint? Ssrc(JsonElement json) =>
        Text(json, "ssrc") is { } text && uint.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint ssrc) ? ssrc : null;
}
