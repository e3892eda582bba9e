using Sfu.Media.Codecs;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>Turns rtpmap, fmtp and rtcp-fb lines of a section into the codecs the server knows; linear in their number.</summary>
internal static class CodecListReader
{
    public static IReadOnlyList<CodecFormat> Read(MediaSection section, SectionKind kind)
    {
        if (kind is not (SectionKind.Audio or SectionKind.Video)) return [];
        var maps = new RtpMap?[128];
        foreach (RtpMap map in section.RtpMaps) maps[map.PayloadType] ??= map;
        string?[] parameters = new string?[128];
        foreach (FormatParameters format in section.FormatParameters) parameters[format.PayloadType] ??= format.Text;
        CodecFeedback[] feedback = ReadFeedback(section);
        byte?[] rtx = FindRtx(section, maps, parameters);

        var codecs = new List<CodecFormat>();
        foreach (byte payloadType in section.PayloadTypes)
        {
            if ((maps[payloadType] ?? CodecNames.StaticMap(payloadType)) is not { } map) continue;
            if (CodecNames.Recognise(kind, map) is not { } codec) continue;
            int channels = kind == SectionKind.Audio ? map.Channels : 0;
            codecs.Add(new CodecFormat(
                codec, payloadType, map.ClockRate, channels, parameters[payloadType] ?? "", rtx[payloadType], feedback[payloadType]));
        }

        return codecs;
    }

    // Feedback of payload types that are not in the section ends in places nobody reads.
    private static CodecFeedback[] ReadFeedback(MediaSection section)
    {
        var feedback = new CodecFeedback[128];
        CodecFeedback forAll = CodecFeedback.None;
        foreach (RtcpFeedback line in section.RtcpFeedback)
        {
            if (line.PayloadType is { } payloadType) feedback[payloadType] |= FeedbackNames.Parse(line.Value);
            else forAll |= FeedbackNames.Parse(line.Value);
        }

        for (int i = 0; i < feedback.Length; i++) feedback[i] |= forAll;
        return feedback;
    }

    private static byte?[] FindRtx(MediaSection section, RtpMap?[] maps, string?[] parameters)
    {
        byte?[] rtx = new byte?[128];
        foreach (byte payloadType in section.PayloadTypes)
        {
            if (maps[payloadType] is not { } map || !map.Encoding.Equals("rtx", StringComparison.OrdinalIgnoreCase)) continue;
            int of = FmtpText.Number(parameters[payloadType] ?? "", "apt", -1);
            if (of is >= 0 and <= 127 && of != payloadType) rtx[of] ??= payloadType;
        }

        return rtx;
    }
}
