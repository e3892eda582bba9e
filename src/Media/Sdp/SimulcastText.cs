using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sfu.Media.Sdp;

/// <summary>The value of <c>a=simulcast</c> (RFC 8853 section 5.1): <c>send 1;~2,3 recv 4</c>.</summary>
internal static class SimulcastText
{
    public static bool TryParse(ReadOnlySpan<char> value, [NotNullWhen(true)] out SimulcastDescription? simulcast)
    {
        simulcast = null;
        List<SimulcastAlternatives>? send = null, receive = null;
        var fields = new SdpFieldReader(value);
        while (fields.TryNext(out ReadOnlySpan<char> direction))
        {
            if (!fields.TryNext(out ReadOnlySpan<char> list) || !TryParseStreams(list, out List<SimulcastAlternatives>? streams)) return false;
            if (direction is "send" && send is null) send = streams;
            else if (direction is "recv" && receive is null) receive = streams;
            else return false;
        }

        if (send is null && receive is null) return false;
        simulcast = new SimulcastDescription(send ?? [], receive ?? []);
        return true;
    }

    public static void Write(StringBuilder text, SimulcastDescription simulcast)
    {
        text.Append("a=simulcast:");
        WriteStreams(text, "send ", simulcast.Send);
        if (simulcast.Send.Count > 0 && simulcast.Receive.Count > 0) text.Append(' ');
        WriteStreams(text, "recv ", simulcast.Receive);
        text.Append("\r\n");
    }

    private static bool TryParseStreams(ReadOnlySpan<char> list, [NotNullWhen(true)] out List<SimulcastAlternatives>? streams)
    {
        streams = null;
        var found = new List<SimulcastAlternatives>();
        int rids = 0;
        var items = new SdpFieldReader(list, ';');
        while (items.TryNext(out ReadOnlySpan<char> item))
        {
            var alternatives = new List<string>(1);
            bool isPaused = item[0] == '~';
            var names = new SdpFieldReader(item, ',');
            while (names.TryNext(out ReadOnlySpan<char> name))
            {
                ReadOnlySpan<char> rid = name[0] == '~' ? name[1..] : name;
                if (!SdpText.IsRid(rid) || ++rids > SdpLimits.MaxRids) return false;
                alternatives.Add(SdpText.Intern(rid));
            }

            if (alternatives.Count == 0) return false;
            found.Add(new SimulcastAlternatives(alternatives, isPaused));
        }

        streams = found;
        return found.Count > 0;
    }

    private static void WriteStreams(StringBuilder text, string direction, IReadOnlyList<SimulcastAlternatives> streams)
    {
        for (int i = 0; i < streams.Count; i++)
        {
            text.Append(i == 0 ? direction : ";");
            if (streams[i].IsPaused) text.Append('~');
            text.AppendJoin(',', streams[i].Rids);
        }
    }
}
