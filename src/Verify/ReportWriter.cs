using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sfu.Verify;

/// <summary>Writes a report for people or for programs.</summary>
public static class ReportWriter
{
    private const int GapsShown = 50;

    /// <summary>JSON, one object.</summary>
    public static string Json(Report report)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("verdict", report.Verdict.Name());
            json.WriteNumber("exitCode", (int)report.Verdict);
            json.WriteString("recording", report.Recording);
            json.WriteBoolean("sealed", report.IsSealed);
            json.WriteString("root", report.Root);
            json.WriteBoolean("rootPinned", report.IsRootPinned);
            json.WriteNumber("segments", report.Segments);
            json.WriteNumber("chunks", report.Chunks);
            json.WriteNumber("packets", report.Packets);
            json.WriteNumber("lostPackets", report.LostPackets);
            json.WriteNumber("attested", report.Attested);
            json.WriteStartArray("authorities");
            foreach (string authority in report.Authorities) json.WriteStringValue(authority);
            json.WriteEndArray();
            json.WriteStartArray("findings");
            foreach (Finding finding in report.Findings) Write(json, finding);
            json.WriteEndArray();
            json.WriteNumber("findingsOmitted", report.FindingsOmitted);
            json.WriteStartArray("gaps");
            foreach (GapLine gap in report.Gaps) Write(json, gap);
            json.WriteEndArray();
            json.WriteNumber("gapsOmitted", report.GapsOmitted);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Text for people. What comes from the folder is shown without control characters: a file name cannot forge a line.</summary>
    public static string Text(Report report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Verdict.Name()}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"recording   {Clean(report.Recording ?? "unknown")}{(report.IsSealed ? ", sealed" : ", not sealed")}\n");
        text.Append(CultureInfo.InvariantCulture, $"root key    {Clean(report.Root ?? "none")}{(report.IsRootPinned ? ", the pinned one" : ", from the folder itself: give --root to be sure")}\n");
        text.Append(CultureInfo.InvariantCulture, $"content     {report.Segments} segments, {report.Chunks} chunks, {report.Packets} packets, {report.LostPackets} lost\n");
        text.Append(CultureInfo.InvariantCulture, $"time        {report.Attested} manifests attested by {(report.Authorities.Count == 0 ? "nobody" : Clean(string.Join(", ", report.Authorities)))}\n");
        if (report.Findings.Count > 0) text.Append('\n');
        foreach (Finding finding in report.Findings)
        {
            string where = finding.Chunk is { } chunk ? $" chunk {chunk}" : "";
            string offset = finding.Offset is { } at ? $" offset {at}" : "";
            text.Append(CultureInfo.InvariantCulture, $"{finding.Severity,-8}{finding.Code,-24}{Clean(finding.File)}{where}{offset}: {Clean(finding.Detail)}\n");
        }
        if (report.FindingsOmitted > 0) text.Append(CultureInfo.InvariantCulture, $"        and {report.FindingsOmitted} more\n");
        if (report.Gaps.Count > 0) text.Append("\ngaps\n");
        foreach (GapLine gap in report.Gaps.Take(GapsShown))
            text.Append(CultureInfo.InvariantCulture, $"        {Clean(gap.FromUtc)} {gap.Ms,8} ms  track {gap.Track}  {Clean(gap.Cause)}{(gap.FirstSeq is { } first ? $"  {first}-{gap.LastSeq}" : "")}\n");
        if (report.Gaps.Count > GapsShown) text.Append(CultureInfo.InvariantCulture, $"        and {report.Gaps.Count - GapsShown} more, see --json\n");
        return text.ToString();
    }

    private static string Clean(string text) => string.Concat(text.Take(500).Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is >= '\u2028' and <= '\u202E' ? '?' : c));

    private static void Write(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject();
        json.WriteString("code", finding.Code);
        json.WriteString("severity", finding.Severity);
        json.WriteString("verdict", finding.Verdict.Name());
        json.WriteString("object", finding.File);
        if (finding.Chunk is { } chunk) json.WriteNumber("chunk", chunk); else json.WriteNull("chunk");
        if (finding.Offset is { } offset) json.WriteNumber("offset", offset); else json.WriteNull("offset");
        json.WriteString("detail", finding.Detail);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, GapLine gap)
    {
        json.WriteStartObject();
        json.WriteNumber("track", gap.Track);
        json.WriteString("ssrc", gap.Ssrc);
        json.WriteString("cause", gap.Cause);
        json.WriteString("fromUtc", gap.FromUtc);
        json.WriteString("toUtc", gap.ToUtc);
        json.WriteNumber("ms", gap.Ms);
        if (gap.FirstSeq is { } first) json.WriteNumber("firstSeq", first); else json.WriteNull("firstSeq");
        if (gap.LastSeq is { } last) json.WriteNumber("lastSeq", last); else json.WriteNull("lastSeq");
        json.WriteNumber("packets", gap.Packets);
        json.WriteEndObject();
    }
}
