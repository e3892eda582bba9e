using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sfu.Media.Rtp;
using Sfu.Nodes;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;

namespace Sfu.Tests.Signalling.Protocol;

public sealed class ClientMessageReaderTests
{
    public static TheoryData<string> Names => MessageSpecs.Names;

    [Theory, MemberData(nameof(Names))]
    public void Read_EveryMember_IsTaken(string name)
    {
        ReadResult read = Read(MessageSpecs.Of(name).Json);
        Assert.Null(read.Problem);
        Assert.NotNull(read.Message);
    }

    [Theory, MemberData(nameof(Names))]
    public void Read_MemberMissing_IsRefusedExactlyWhenRequired(string name)
    {
        MessageSpec spec = MessageSpecs.Of(name);
        foreach (string path in spec.Paths().Where(path => path != "type"))
        {
            bool isRequired = spec.Required.Contains(path) || spec.NestedRequired.Contains(path);
            ReadResult read = Read(spec.Without(path));
            Assert.True(read.Problem is not null == isRequired, $"{path}: {read.Problem}");
            if (isRequired) Assert.Equal(path == "base64" ? "text" : path, read.Problem!.Field);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Read_MemberNull_IsRefusedWhereNoneIsListed(string name)
    {
        MessageSpec spec = MessageSpecs.Of(name);
        foreach (string path in spec.Paths())
        {
            ReadResult read = Read(spec.With(path, null));
            if (spec.Nullable.Contains(path)) Assert.Null(read.Problem);
            else Assert.Equal(path, read.Problem?.Field);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Read_MemberMistyped_IsRefusedWithItsField(string name)
    {
        MessageSpec spec = MessageSpecs.Of(name);
        foreach (string path in spec.Paths())
        {
            JsonValueKind present = KindOf(spec, path);
            foreach (string wrong in (string[])["1", "1.5", "\"x\"", "true", "[]", "[1]", "{}"])
            {
                JsonNode? value = JsonNode.Parse(wrong);
                JsonValueKind kind = value!.GetValueKind();
                bool isSame = kind == present || (kind is JsonValueKind.True && present is JsonValueKind.False or JsonValueKind.True);
                if (isSame && wrong is not ("1.5" or "[]" or "[1]")) continue;
                Assert.True(Read(spec.With(path, value)).Problem?.Field == path, $"{path} = {wrong}");
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Read_MemberTwice_IsRefusedWithItsField(string name)
    {
        MessageSpec spec = MessageSpecs.Of(name);
        foreach (string path in spec.Paths())
        {
            ReadResult read = Read(spec.Twice(path));
            Assert.True(read.Problem?.Field == path, $"{path}: {read.Problem}");
            Assert.Contains("twice", read.Problem!.Message, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Read_UnknownMember_IsRefusedWithItsField(string name)
    {
        MessageSpec spec = MessageSpecs.Of(name);
        IEnumerable<string> objects = spec.Paths().Where(path => KindOf(spec, path) == JsonValueKind.Object && path != "tracks").Prepend("");
        foreach (string parent in objects)
        {
            string path = parent.Length == 0 ? "extra" : $"{parent}.extra";
            Assert.Equal(path, Read(spec.With(path, 1)).Problem?.Field);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Read_TextAtAndBeyondItsLimits_IsTakenAndRefused(string name)
    {
        MessageSpec spec = MessageSpecs.Of(name);
        foreach ((string path, (int min, int max)) in spec.Texts)
        {
            Assert.Null(Read(spec.With(path, new string('a', max))).Problem);
            Assert.Equal(path, Read(spec.With(path, new string('a', max + 1))).Problem?.Field);
            ReadResult empty = Read(spec.With(path, ""));
            Assert.True(empty.Problem?.Field == (min > 0 ? path : null), $"{path} empty: {empty.Problem}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Read_NumberAtAndBeyondItsRange_IsTakenAndRefused(string name)
    {
        MessageSpec spec = MessageSpecs.Of(name);
        Dictionary<string, (long, long)> numbers = new(spec.Numbers) { ["id"] = (1, int.MaxValue) };
        foreach ((string path, (long min, long max)) in numbers)
        {
            Assert.Null(Read(spec.With(path, min)).Problem);
            Assert.Null(Read(spec.With(path, max)).Problem);
            Assert.Equal(path, Read(spec.With(path, (decimal)min - 1)).Problem?.Field);
            Assert.Equal(path, Read(spec.With(path, (decimal)max + 1)).Problem?.Field);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Read_ListAtAndBeyondItsLimits_IsTakenAndRefused(string name)
    {
        MessageSpec spec = MessageSpecs.Of(name);
        foreach ((string path, (int min, int max, int item)) in spec.Lists)
        {
            Assert.Null(Read(spec.With(path, ListOf(max, new string('a', item)))).Problem);
            Assert.Equal(path, Read(spec.With(path, ListOf(max + 1, "a"))).Problem?.Field);
            Assert.Equal(path, Read(spec.With(path, ListOf(min - 1, "a"))).Problem?.Field);
            Assert.Equal(path, Read(spec.With(path, ListOf(1, new string('a', item + 1)))).Problem?.Field);
            Assert.Equal(path, Read(spec.With(path, ListOf(1, ""))).Problem?.Field);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Read_UnknownWord_IsRefusedWithItsField(string name)
    {
        MessageSpec spec = MessageSpecs.Of(name);
        foreach (string path in spec.Words)
        {
            foreach (string word in (string[])["", "AUDIO", "none", new string('a', 65)])
                Assert.Equal(path, Read(spec.With(path, word)).Problem?.Field);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("\"ping\"")]
    [InlineData("[]")]
    [InlineData("[{\"type\":\"ping\",\"t\":1}]")]
    [InlineData("{\"type\":\"ping\",\"t\":1}x")]
    [InlineData("{\"type\":\"ping\",\"t\":1}{}")]
    [InlineData("{\"type\":\"ping\",\"t\":1,}")]
    [InlineData("{\"type\":\"ping\",/**/\"t\":1}")]
    [InlineData("{'type':'ping','t':1}")]
    [InlineData("{\"type\":\"ping\",\"t\":NaN}")]
    [InlineData("{\"type\":\"ping\",\"t\":1")]
    [InlineData("\ufeff{\"type\":\"ping\",\"t\":1}")]
    public void Read_NotOneJsonObject_IsRefusedWithoutField(string frame)
    {
        ReadResult read = Read(frame);
        Assert.Null(read.Message);
        Assert.Null(read.Problem!.Field);
        Assert.Null(read.Re);
    }

    [Theory]
    [InlineData("{}", "type")]
    [InlineData("{\"type\":\"\"}", "type")]
    [InlineData("{\"type\":\"nonsense\",\"id\":1}", "type")]
    [InlineData("{\"type\":\"nonsense\"}", "type")]
    [InlineData("{\"type\":\"Ping\",\"t\":1}", "type")]
    [InlineData("{\"type\":\"ping\",\"T\":1}", "t")]
    [InlineData("{\"type\":\"lock\",\"id\":1.0}", "id")]
    [InlineData("{\"type\":\"lock\",\"id\":1e0}", "id")]
    [InlineData("{\"type\":\"lock\",\"id\":\"1\"}", "id")]
    [InlineData("{\"type\":\"data\",\"topic\":\"a b\",\"text\":\"\"}", "topic")]
    [InlineData("{\"type\":\"data\",\"topic\":\"é\",\"text\":\"\"}", "topic")]
    [InlineData("{\"type\":\"data\",\"topic\":\"x\",\"text\":\"\",\"base64\":\"\"}", "text")]
    [InlineData("{\"type\":\"data\",\"topic\":\"x\",\"base64\":\"AA\"}", "base64")]
    [InlineData("{\"type\":\"data\",\"topic\":\"x\",\"base64\":\"%%%%\"}", "base64")]
    [InlineData("{\"type\":\"leave\",\"reason\":\"a\\u0000b\"}", "reason")]
    [InlineData("{\"type\":\"join\",\"id\":1,\"v\":1,\"client\":{\"name\":\"a\\u0007\"}}", "client.name")]
    [InlineData("{\"type\":\"offer\",\"id\":1,\"rev\":1,\"sdp\":\"v\",\"tracks\":{\"\":{}}}", "tracks.")]
    public void Read_OddMember_IsRefusedWithItsField(string frame, string field) => Assert.Equal(field, Read(frame).Problem?.Field);

    [Fact]
    public void Read_BadMemberBehindGoodId_TellsTheId()
    {
        ReadResult read = Read("{\"type\":\"mute\",\"id\":7,\"track\":\"TR_1\",\"muted\":\"yes\"}");
        Assert.Equal(7, read.Re);
        Assert.Null(Read("{\"type\":\"mute\",\"id\":0,\"track\":\"TR_1\",\"muted\":true}").Re);
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    [InlineData(60_000, false)]
    public void Read_Nesting_IsBoundedBySixteen(int depth, bool isJson)
    {
        // The object itself is the first level; the member is unknown either way.
        string frame = $"{{\"type\":\"ping\",\"t\":1,\"x\":{new string('[', depth - 1)}{new string(']', depth - 1)}}}";
        Assert.Equal(isJson ? "x" : null, Read(frame).Problem!.Field);
    }

    [Theory]
    [InlineData("{\"type\":\"leave\",\"reason\":\"\\ud800\"}")]
    [InlineData("{\"type\":\"leave\",\"\\ud800\":1}")]
    [InlineData("{\"type\":\"\\udc00\"}")]
    public void Read_LoneSurrogate_IsRefused(string frame) => Assert.NotNull(Read(frame).Problem);

    [Fact]
    public void Read_BadUtf8_IsRefused() =>
        Assert.NotNull(ClientMessageReader.Read((byte[])[.. "{\"type\":\"leave\",\"reason\":\""u8, 0xC3, 0x28, .. "\"}"u8]).Problem);

    [Fact]
    public void Read_TooManyMembers_IsRefused()
    {
        string members = string.Join(',', Enumerable.Range(0, 2000).Select(i => $"\"m{i}\":1"));
        Assert.Contains("more than 16", Read($"{{\"type\":\"ping\",\"t\":1,{members}}}").Problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LabelsOf256Sections_AreTakenAndOneMoreIsNot()
    {
        static string Offer(int sections) => "{\"type\":\"offer\",\"id\":1,\"rev\":1,\"sdp\":\"v\",\"tracks\":{"
            + string.Join(',', Enumerable.Range(0, sections).Select(i => $"\"{i}\":{{}}")) + "}}";

        Assert.Equal(256, Assert.IsType<OfferMessage>(Read(Offer(256)).Message).Labels.Count);
        Assert.NotNull(Read(Offer(257)).Problem);
    }

    [Fact]
    public void Read_Values_ArriveWhole()
    {
        var join = Assert.IsType<JoinMessage>(Read(MessageSpecs.Of("join").Json).Message);
        Assert.Equal(("demo", "1.0", "t", "Ann", "m", false), (join.ClientName, join.ClientVersion, join.Token, join.Name, join.Metadata, join.SubscribesAutomatically));
        Assert.Equal(new ResumeTicket(new SessionId("S_1"), "q", 0), join.Resume);
        Assert.Equal("session S_1", join.Resume!.ToString());

        var offer = Assert.IsType<OfferMessage>(Read(MessageSpecs.Of("offer").Json).Message);
        Assert.Equal(new TrackLabel(MediaKind.Audio, TrackSource.Microphone, "mic"), offer.Labels["0"]);

        var layers = Assert.IsType<LayersMessage>(Read(MessageSpecs.Of("layers").Json).Message);
        Assert.Equal(new LayerWish(640, 360, 30, 1, true), layers.Wish);
        var plain = Assert.IsType<LayersMessage>(Read("{\"type\":\"layers\",\"track\":\"TR_1\",\"width\":0,\"height\":0}").Message);
        Assert.Equal(new LayerWish(0, 0, 0, 128, false), plain.Wish);

        Assert.Equal(MediaKind.Audio, Assert.IsType<MuteAllMessage>(Read("{\"type\":\"mute_all\",\"id\":1}").Message).Kind);
        Assert.True(Assert.IsType<JoinMessage>(Read("{\"type\":\"join\",\"id\":1,\"v\":1,\"client\":{\"name\":\"x\"}}").Message).SubscribesAutomatically);
        Assert.Equal("日本 🎥\n", Assert.IsType<DataMessage>(Read("{\"type\":\"data\",\"topic\":\"chat\",\"text\":\"日本 🎥\\n\"}").Message).Text);
    }

    private static JsonArray ListOf(int count, string text) => new([.. Enumerable.Range(0, count).Select(_ => (JsonNode)text)]);

    private static JsonValueKind KindOf(MessageSpec spec, string path) =>
        path.Split('.').Aggregate((JsonNode)spec.Parse(), (node, part) => node[part]!).GetValueKind();

    private static ReadResult Read(string frame) => ClientMessageReader.Read(Encoding.UTF8.GetBytes(frame));
}
