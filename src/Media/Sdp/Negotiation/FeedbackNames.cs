using Sfu.Media.Codecs;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>Values of rtcp-fb lines.</summary>
internal static class FeedbackNames
{
    private static readonly (CodecFeedback Flag, string Name)[] Names =
    [
        (CodecFeedback.Remb, "goog-remb"),
        (CodecFeedback.TransportCc, "transport-cc"),
        (CodecFeedback.Fir, "ccm fir"),
        (CodecFeedback.Nack, "nack"),
        (CodecFeedback.Pli, "nack pli"),
    ];

    public static CodecFeedback Parse(string value)
    {
        foreach ((CodecFeedback flag, string name) in Names)
        {
            if (value.Equals(name, StringComparison.OrdinalIgnoreCase)) return flag;
        }

        return CodecFeedback.None;
    }

    public static IEnumerable<string> NamesOf(CodecFeedback feedback)
    {
        foreach ((CodecFeedback flag, string name) in Names)
        {
            if ((feedback & flag) != 0) yield return name;
        }
    }
}
