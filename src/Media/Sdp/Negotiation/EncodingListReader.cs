using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>Finds the encodings a section announces: by RID (RFC 8853), by SIM group, or the one stream.</summary>
internal static class EncodingListReader
{
    public static IReadOnlyList<OfferedEncoding> Read(MediaSection section)
    {
        List<OfferedEncoding> encodings = ReadRids(section);
        if (encodings.Count == 0) encodings = ReadSources(section);
        if (encodings.Count == 0) encodings.Add(new OfferedEncoding(null, null, null));
        return SortLowestFirst(encodings);
    }

    // A simulcast RID without its a=rid line does not exist (RFC 8853 section 5.2); of alternatives the preferred one is taken.
    private static List<OfferedEncoding> ReadRids(MediaSection section)
    {
        var encodings = new List<OfferedEncoding>();
        if (section.Simulcast is { Send.Count: > 0 } simulcast)
        {
            foreach (SimulcastAlternatives stream in simulcast.Send)
            {
                if (FindDescribed(section, stream.Rids) is { } rid && !encodings.Exists(e => e.Rid == rid.Id)) encodings.Add(ToEncoding(rid));
            }
        }
        else
        {
            foreach (RidDescription rid in section.Rids)
            {
                if (rid.IsSend && encodings.Count == 0) encodings.Add(ToEncoding(rid));
            }
        }

        return encodings;
    }

    private static RidDescription? FindDescribed(MediaSection section, IReadOnlyList<string> alternatives)
    {
        foreach (string id in alternatives)
        {
            foreach (RidDescription rid in section.Rids)
            {
                if (rid.IsSend && rid.Id == id) return rid;
            }
        }

        return null;
    }

    private static OfferedEncoding ToEncoding(RidDescription rid) => new(
        rid.Id, null, null, FmtpText.Number(rid.Restrictions, "max-width", 0), FmtpText.Number(rid.Restrictions, "max-height", 0));

    private static List<OfferedEncoding> ReadSources(MediaSection section)
    {
        foreach (SsrcGroup group in section.SsrcGroups)
        {
            if (group.Semantics == "SIM" && group.Ssrcs.Count > 0)
                return [.. group.Ssrcs.Select(ssrc => new OfferedEncoding(null, new Ssrc(ssrc), FindRtx(section, ssrc)))];
        }

        foreach (SsrcGroup group in section.SsrcGroups)
        {
            if (group.Semantics == "FID" && group.Ssrcs.Count > 0)
                return [new OfferedEncoding(null, new Ssrc(group.Ssrcs[0]), FindRtx(section, group.Ssrcs[0]))];
        }

        return section.Ssrcs.Count == 0 ? [] : [new OfferedEncoding(null, new Ssrc(section.Ssrcs[0].Ssrc), null)];
    }

    private static Ssrc? FindRtx(MediaSection section, uint ssrc)
    {
        foreach (SsrcGroup group in section.SsrcGroups)
        {
            if (group.Semantics == "FID" && group.Ssrcs.Count == 2 && group.Ssrcs[0] == ssrc) return new Ssrc(group.Ssrcs[1]);
        }

        return null;
    }

    // a=simulcast orders by preference, not by size. Written limits decide; else the names that libwebrtc and LiveKit clients use;
    // else the order as written, which is lowest first in browsers.
    private static List<OfferedEncoding> SortLowestFirst(List<OfferedEncoding> encodings)
    {
        if (encodings.TrueForAll(e => e.MaxWidth > 0 && e.MaxHeight > 0)) return [.. encodings.OrderBy(e => (long)e.MaxWidth * e.MaxHeight)];
        return encodings.TrueForAll(e => e.Rid is "q" or "h" or "f") ? [.. encodings.OrderBy(e => "qhf".IndexOf(e.Rid![0], StringComparison.Ordinal))] : encodings;
    }
}
