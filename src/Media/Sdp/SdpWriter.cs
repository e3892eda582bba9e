using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Sfu.Media.Dtls;

namespace Sfu.Media.Sdp;

/// <summary>Writes a description in one canonical order, so that equal descriptions are equal texts.</summary>
internal static class SdpWriter
{
    private const string LineEnd = "\r\n";

    public static string Write(SessionDescription description)
    {
        var text = new StringBuilder(256 + (1024 * description.MediaSections.Count));
        Line(text, $"v=0");
        Line(text, $"o={description.Origin.UserName} {description.Origin.SessionId} {description.Origin.Version} IN IP4 0.0.0.0");
        Line(text, $"s=-");
        Line(text, $"t=0 0");
        foreach (SdpGroup group in description.Groups)
        {
            text.Append("a=group:").Append(group.Semantics);
            foreach (string mid in group.Mids) text.Append(' ').Append(mid);
            text.Append(LineEnd);
        }

        if (description.IceLite) Line(text, $"a=ice-lite");
        if (description.MsidSemantic is { } semantic) Line(text, $"a=msid-semantic:{semantic}");
        WriteLevel(text, description);
        foreach (MediaSection section in description.MediaSections) WriteSection(text, section);
        return text.ToString();
    }

    private static void WriteSection(StringBuilder text, MediaSection section)
    {
        text.Append(CultureInfo.InvariantCulture, $"m={section.Media} {section.Port} {section.Protocol}");
        foreach (byte payloadType in section.PayloadTypes) text.Append(CultureInfo.InvariantCulture, $" {payloadType}");
        if (section.Formats.Length > 0) text.Append(' ').Append(section.Formats);
        text.Append(LineEnd);
        Line(text, $"c=IN IP4 0.0.0.0");
        if (section.MaxBitrate is { } limit)
        {
            Line(text, $"b=AS:{limit.BitsPerSecond / 1000}");
            Line(text, $"b=TIAS:{limit.BitsPerSecond}");
        }

        if (section.Mid is { } mid) Line(text, $"a=mid:{mid}");
        if (section.BundleOnly) Line(text, $"a=bundle-only");
        WriteLevel(text, section);
        foreach (string candidate in section.Candidates) Line(text, $"a=candidate:{candidate}");
        if (section.EndOfCandidates) Line(text, $"a=end-of-candidates");
        if (section.RtcpMux) Line(text, $"a=rtcp-mux");
        if (section.RtcpMuxOnly) Line(text, $"a=rtcp-mux-only");
        if (section.RtcpRsize) Line(text, $"a=rtcp-rsize");
        WriteFormats(text, section);
        WriteSources(text, section);
        if (section.SctpPort is { } port) Line(text, $"a=sctp-port:{port}");
        if (section.MaxMessageSize is { } size) Line(text, $"a=max-message-size:{size}");
    }

    private static void WriteLevel(StringBuilder text, SdpLevel level)
    {
        if (level.IceUfrag is { } ufrag) Line(text, $"a=ice-ufrag:{ufrag}");
        if (level.IcePassword is { } password) Line(text, $"a=ice-pwd:{password}");
        if (level.IceOptions is { } options) Line(text, $"a=ice-options:{options}");
        foreach (DtlsFingerprint fingerprint in level.Fingerprints) Line(text, $"a=fingerprint:{fingerprint}");
        if (level.Setup is { } setup) Line(text, $"a=setup:{NameOf(setup)}");
        if (level is SessionDescription && level.EndOfCandidates) Line(text, $"a=end-of-candidates");
        if (level.ExtmapAllowMixed) Line(text, $"a=extmap-allow-mixed");
        foreach (ExtMap map in level.ExtMaps)
        {
            string direction = map.Direction is { } known ? $"/{DirectionNames.NameOf(known)}" : "";
            Line(text, $"a=extmap:{map.Id}{direction} {map.Uri}");
        }

        if (level.Direction is { } flow) Line(text, $"a={DirectionNames.NameOf(flow)}");
    }

    private static void WriteFormats(StringBuilder text, MediaSection section)
    {
        foreach (RtpMap map in section.RtpMaps)
        {
            string channels = map.Channels > 1 ? $"/{map.Channels}" : "";
            Line(text, $"a=rtpmap:{map.PayloadType} {map.Encoding}/{map.ClockRate}{channels}");
        }

        foreach (FormatParameters parameters in section.FormatParameters) Line(text, $"a=fmtp:{parameters.PayloadType} {parameters.Text}");
        foreach (RtcpFeedback feedback in section.RtcpFeedback)
        {
            if (feedback.PayloadType is { } payloadType) Line(text, $"a=rtcp-fb:{payloadType} {feedback.Value}");
            else Line(text, $"a=rtcp-fb:* {feedback.Value}");
        }
    }

    private static void WriteSources(StringBuilder text, MediaSection section)
    {
        foreach (Msid msid in section.Msids) Line(text, $"a=msid:{msid.StreamId}{(msid.TrackId.Length > 0 ? " " : "")}{msid.TrackId}");
        foreach (RidDescription rid in section.Rids)
        {
            string restrictions = rid.Restrictions.Length > 0 ? $" {rid.Restrictions}" : "";
            Line(text, $"a=rid:{rid.Id} {(rid.IsSend ? "send" : "recv")}{restrictions}");
        }

        if (section.Simulcast is { } simulcast) SimulcastText.Write(text, simulcast);
        foreach (SsrcGroup group in section.SsrcGroups)
        {
            text.Append("a=ssrc-group:").Append(group.Semantics);
            foreach (uint ssrc in group.Ssrcs) text.Append(CultureInfo.InvariantCulture, $" {ssrc}");
            text.Append(LineEnd);
        }

        foreach (SsrcLine source in section.Ssrcs)
            Line(text, $"a=ssrc:{source.Ssrc} {source.Attribute}{(source.Value.Length > 0 ? ":" : "")}{source.Value}");
    }

    private static string NameOf(SdpSetup setup) => setup switch
    {
        SdpSetup.Actpass => "actpass",
        SdpSetup.Active => "active",
        SdpSetup.Passive => "passive",
        _ => "holdconn",
    };

    // The handler has already appended to the builder by the time this runs; the assembly's culture is invariant.
    private static void Line(StringBuilder text, [InterpolatedStringHandlerArgument(nameof(text))] ref StringBuilder.AppendInterpolatedStringHandler line)
    {
        _ = line;
        text.Append(LineEnd);
    }
}
