using Sfu.Media.Sdp;
using Sfu.Nodes;

namespace Sfu.Tests.Nodes;

/// <summary>What each viewer is answered for each publisher's codec, cell by cell. Formats by the names of <see cref="CodecFormats"/>;
/// a cell is what the answer to the viewer names, <c>-</c> the refusal <c>no_common_codec</c>.</summary>
public sealed class CodecMatrixTests
{
    private const string Refused = "-";

    private const string ChromiumVideo = "vp8+vp9+vp9-2+b1+cb1+cb0+m1+h444+av1+av1-1";

    // Down: what the viewer offers. Across: what the publisher offers, and therefore sends.
    //
    // Profiles (RFC 6184 table 5): a constrained baseline stream is decodable by every other H.264 profile, a main or constrained high
    // one by high; a baseline one (with slice groups) by baseline only, whatever libwebrtc's encoder would really make. An exact profile is
    // preferred to a larger one. The viewer's own parameters are what it is answered.
    // Modes (RFC 6184 section 6.3): mode 1 receivers take single NAL unit packets too, so mode 0 reaches them; FU-A and STAP-A of mode 1
    // never reach a mode 0 viewer.
    // VP9, AV1, H.265: the profile is symmetric (RFC 9628 section 6, AV1 RTP section 7.2.3, RFC 7798 section 7.2.2); absent ones mean 0, 0 and 1.
    private const string Video = """
        viewer                 | vp8 | vp9 | vp9-2 | cb1 | cb0 | b1 | m1 | ch1 | h1 | av1 | h265 | h265-10
        chromium               | vp8 | vp9 | vp9-2 | cb1 | cb0 | b1 | m1 | -   | -  | av1 | -    | -
        chromium+h1+h265       | vp8 | vp9 | vp9-2 | cb1 | cb0 | b1 | m1 | h1  | h1 | av1 | h265 | -
        vp8                    | vp8 | -   | -     | -   | -   | -  | -  | -   | -  | -   | -    | -
        vp9                    | -   | vp9 | -     | -   | -   | -  | -  | -   | -  | -   | -    | -
        vp9-plain              | -   | vp9-plain | - | - | -   | -  | -  | -   | -  | -   | -    | -
        vp9-2                  | -   | -   | vp9-2 | -   | -   | -  | -  | -   | -  | -   | -    | -
        cb1                    | -   | -   | -     | cb1 | cb1 | -  | -  | -   | -  | -   | -    | -
        cb0                    | -   | -   | -     | -   | cb0 | -  | -  | -   | -  | -   | -    | -
        b1                     | -   | -   | -     | b1  | b1  | b1 | -  | -   | -  | -   | -    | -
        m1                     | -   | -   | -     | m1  | m1  | -  | m1 | -   | -  | -   | -    | -
        ch1                    | -   | -   | -     | ch1 | ch1 | -  | -  | ch1 | -  | -   | -    | -
        h1                     | -   | -   | -     | h1  | h1  | -  | h1 | h1  | h1 | -   | -    | -
        h0                     | -   | -   | -     | -   | h0  | -  | -  | -   | -  | -   | -    | -
        h1+cb1+h0              | -   | -   | -     | cb1 | h1  | -  | h1 | h1  | h1 | -   | -    | -
        h264-plain             | -   | -   | -     | -   | h264-plain | - | - | - | - | - | -    | -
        av1                    | -   | -   | -     | -   | -   | -  | -  | -   | -  | av1 | -    | -
        av1-1                  | -   | -   | -     | -   | -   | -  | -  | -   | -  | -   | -    | -
        h265                   | -   | -   | -     | -   | -   | -  | -  | -   | -  | -   | h265 | -
        h265-plain             | -   | -   | -     | -   | -   | -  | -  | -   | -  | -   | h265-plain | -
        h265-10                | -   | -   | -     | -   | -   | -  | -  | -   | -  | -   | -    | h265-10
        h265-mrst              | -   | -   | -     | -   | -   | -  | -  | -   | -  | -   | -    | -
        theora                 | -   | -   | -     | -   | -   | -  | -  | -   | -  | -   | -    | -
        """;

    // Levels (RFC 6184 section 8.2.2). A publisher's level is the most it may send, not what it sends: with level-asymmetry-allowed=1 a
    // viewer of a lower level is served, as every browser expects (all offer 3.1 and play what is larger). Without it the level is
    // a promise of both sides, so a viewer below the publisher's is refused. 1b lies between 1 and 1.1 (H.264 table A-1): 42f00b.
    private const string Levels = """
        viewer     | cb1     | cb1-52  | cb1-sym | cb1-1b  | cb1-10  | cb1-11  | h264-plain
        cb1        | cb1     | cb1     | cb1     | cb1     | cb1     | cb1     | cb1
        cb1-52     | cb1-52  | cb1-52  | cb1-52  | cb1-52  | cb1-52  | cb1-52  | cb1-52
        cb1-sym    | cb1-sym | -       | cb1-sym | cb1-sym | cb1-sym | cb1-sym | cb1-sym
        cb1-1b     | -       | -       | -       | cb1-1b  | cb1-1b  | -       | -
        cb1-10     | -       | -       | -       | -       | cb1-10  | -       | -
        cb1-11     | -       | -       | -       | cb1-11  | cb1-11  | cb1-11  | -
        h1+cb1-52  | cb1-52  | cb1-52  | cb1-52  | cb1-52  | cb1-52  | cb1-52  | h1
        cb1+h1     | cb1     | cb1     | cb1     | cb1     | cb1     | cb1     | cb1
        cb1-10+h1  | h1      | h1      | h1      | h1      | cb1-10  | h1      | h1
        """;

    // RED (RFC 2198) wraps Opus blocks under their own number: it passes to viewers that number Opus alike, the others get its
    // primary block as Opus. RED without the Opus it names is no codec. G.711 and G.722 need no rtpmap (RFC 3551 section 6).
    private const string Audio = """
        viewer                   | opus  | red+opus | opus+red | g722 | pcmu        | pcma
        opus+red+g722+pcmu+pcma  | opus  | red+opus | opus+red | g722 | pcmu        | pcma
        opus                     | opus  | opus     | opus     | -    | -           | -
        red+opus                 | opus  | red+opus | opus+red | -    | -           | -
        red'+opus'               | opus' | opus'    | opus'    | -    | -           | -
        red                      | -     | -        | -        | -    | -           | -
        g722                     | -     | -        | -        | g722 | -           | -
        pcmu                     | -     | -        | -        | -    | pcmu        | -
        pcmu-static              | -     | -        | -        | -    | pcmu-static | -
        pcma                     | -     | -        | -        | -    | -           | pcma
        g722+pcma                | -     | -        | -        | g722 | -           | pcma
        speex                    | -     | -        | -        | -    | -           | -
        """;

    // Offered | taken. Video: the client's first codec that is known, then of its profiles the one most viewers decode. Audio: the server's order.
    private const string Publish = """
        video | vp8+vp9+cb1               | vp8
        video | vp9+vp8+cb1               | vp9
        video | vp9-2+vp9                 | vp9
        video | av1+vp8                   | av1
        video | theora+h265+vp8           | h265
        video | b1+cb0+cb1+vp8            | cb1
        video | b1+cb0                    | b1
        video | h1+m1                     | m1
        video | h444                      | -
        video | av1-1                     | -
        video | theora                    | -
        audio | opus+red+g722+pcmu+pcma   | opus+red
        audio | red+opus                  | red+opus
        audio | red'+opus'+red+opus       | red'+opus'
        audio | pcma+pcmu+g722            | g722
        audio | pcma+pcmu                 | pcmu
        audio | red                       | -
        audio | speex                     | -
        """;

    public static TheoryData<string, string, string, string> Cells()
    {
        var cells = new TheoryData<string, string, string, string>();
        foreach ((string kind, string table) in (ReadOnlySpan<(string, string)>)[("video", Video), ("video", Levels), ("audio", Audio)])
        {
            string[][] rows = Rows(table);
            foreach (string[] row in rows[1..])
            {
                for (int i = 1; i < row.Length; i++) cells.Add(kind, rows[0][i], row[0], row[i]);
            }
        }

        return cells;
    }

    public static TheoryData<string, string, string> Publications()
    {
        var cells = new TheoryData<string, string, string>();
        foreach (string[] row in Rows(Publish)) cells.Add(row[0], row[1], row[2]);
        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Offer_OfAViewer_IsAnsweredByTheCell(string kind, string publisher, string viewer, string expected)
    {
        viewer = viewer.Replace("chromium", ChromiumVideo, StringComparison.Ordinal);
        var node = new NodeFixture();
        TestClient bo = node.Join("bo");
        TestClient ann = node.Join("ann");
        MediaAnswer published = await OfferAsync(ann, kind, "sendonly", publisher);
        Assert.Null(published.Error);
        Assert.Equal(publisher, Answered(published, publisher));
        node.Gather();

        MediaAnswer answer = await OfferAsync(bo, kind, "recvonly", viewer);

        Assert.Equal(expected, Answered(answer, viewer));
    }

    [Theory]
    [MemberData(nameof(Publications))]
    public async Task Offer_OfAPublisher_IsAnsweredByTheCell(string kind, string offered, string expected)
    {
        var node = new NodeFixture();

        MediaAnswer answer = await OfferAsync(node.Join("ann"), kind, "sendonly", offered);

        Assert.Equal(expected, Answered(answer, offered));
    }

    private static Task<MediaAnswer> OfferAsync(TestClient client, string kind, string direction, string formats) =>
        client.Session.OfferAsync(CodecFormats.Offer(kind, direction, formats), new Dictionary<string, TrackLabel>());

    /// <summary>The cell: what the answer names when the section carries the track, a dash when it is refused with the typed reason.</summary>
    private static string Answered(MediaAnswer answer, string offered)
    {
        if (answer.Error is { } error)
        {
            Assert.Equal("no_common_codec", error.Code);            // nothing else in the offer: refused as a whole
            return Refused;
        }

        MediaSection section = AnswerCheck.Parse(answer.Sdp!).MediaSections[0];
        if (answer.Sections["0"].Refused is { } refused)
        {
            Assert.Equal("no_common_codec", refused);
            Assert.Equal(SdpDirection.Inactive, section.Direction);
            return Refused;
        }

        Assert.NotEqual(SdpDirection.Inactive, section.Direction);
        return CodecFormats.Names(section.PayloadTypes, offered);
    }

    private static string[][] Rows(string table) =>
        [.. table.Split('\n').Select(row => row.Split('|', StringSplitOptions.TrimEntries))];
}
