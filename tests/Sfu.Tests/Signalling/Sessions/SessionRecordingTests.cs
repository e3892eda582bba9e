using Sfu.Recordings;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Sessions;

/// <summary>Recording over the socket: what is read, who may, what everybody sees.</summary>
public sealed class SessionRecordingTests
{
    [Theory]
    [InlineData("""{"type":"record","id":1,"action":"start"}""", null)]
    [InlineData("""{"type":"record","id":1,"action":"pause","reason":"pci","text":"card","participant":"PA_1","forMs":60000}""", null)]
    [InlineData("""{"type":"record","id":1,"action":"resume","participant":"PA_1"}""", null)]
    [InlineData("""{"type":"consent","id":1,"granted":true}""", null)]
    [InlineData("""{"type":"record","id":1}""", "action")]
    [InlineData("""{"type":"record","id":1,"action":"erase"}""", "action")]
    [InlineData("""{"type":"record","id":1,"action":"pause"}""", "reason")]
    [InlineData("""{"type":"record","id":1,"action":"pause","reason":"because"}""", "reason")]
    [InlineData("""{"type":"record","id":1,"action":"pause","reason":"pci","forMs":0}""", "forMs")]
    [InlineData("""{"type":"record","id":1,"action":"stop","reason":"pci"}""", "reason")]
    [InlineData("""{"type":"consent","id":1}""", "granted")]
    [InlineData("""{"type":"consent","granted":true}""", "id")]
    public void Read_Message_IsTakenOrNamesTheField(string text, string? field)
    {
        ReadResult result = ClientMessageReader.Read(System.Text.Encoding.UTF8.GetBytes(text));

        Assert.Equal(field, result.Problem?.Field);
        Assert.Equal(field is null, result.Message is not null);
    }

    [Fact]
    public void Read_Pause_HasAllMembers()
    {
        ReadResult result = ClientMessageReader.Read("""{"type":"record","id":7,"action":"pause","reason":"off_the_record","text":"x","participant":"PA_1","forMs":5}"""u8.ToArray());

        Assert.Equal(new RecordMessage(7, RecordAction.Pause, new("PA_1"), PauseReason.OffTheRecord, "x", 5), result.Message);
    }

    [Fact]
    public void Map_RecordingEvents_AreWrittenAsDocumented()
    {
        var id = new Guid("01900000-0000-7000-8000-000000000001");
        var recording = new RoomRecording(id, 3, RoomRecordingState.Paused, RecordingPolicy.Required, ConsentMode.First, null, PauseReason.Pci);
        var changed = new LoggedEvent(5, DateTimeOffset.FromUnixTimeMilliseconds(1_760_000_000_000), EventAudience.Everyone, new RecordingChanged(
            recording, [new(new("PA_1"), ParticipantRecordingState.Paused), new(new("PA_hidden"), ParticipantRecordingState.Paused)]));
        LoggedEvent one = changed with { Event = new ParticipantRecordingChanged(new("PA_1"), null, true, ParticipantRecordingState.On, RoomActor.Server) };

        Assert.Equal(
            """{"kind":"recording","type":"event","seq":5,"at":1760000000000,"state":"paused","id":"01900000-0000-7000-8000-000000000001","policy":"required","consent":"first","reason":"pci","participants":{"PA_1":"paused"}}""",
            Text(changed));
        Assert.Equal("""{"kind":"participant_recording","type":"event","seq":5,"at":1760000000000,"participant":"PA_1","state":"on"}""", Text(one));
    }

    [Fact]
    public void Names_All_AreDifferent()
    {
        foreach (string[] names in new string[][]
        {
            [.. Enum.GetValues<RoomRecordingState>().Select(ProtocolNames.Of)], [.. Enum.GetValues<ParticipantRecordingState>().Select(ProtocolNames.Of)],
            [.. Enum.GetValues<RecordingPolicy>().Select(ProtocolNames.Of)], [.. Enum.GetValues<PauseReason>().Select(ProtocolNames.Of)],
            [.. Enum.GetValues<RoomCloseReason>().Select(ProtocolNames.Of)],
        })
        {
            Assert.Equal(names.Length, names.Distinct().Count());
        }

        Assert.All(Enum.GetValues<PauseReason>(), reason => Assert.Equal(reason, ProtocolNames.ToPauseReason(ProtocolNames.Of(reason))));
    }

    [Theory]
    [InlineData("ann")]
    [InlineData("ann+admin")]
    [InlineData("ann+record")]
    public void Record_WithoutBothGrants_IsForbiddenAndNobodyIsAsked(string token)
    {
        var world = new World();
        Client ann = world.Join(token);

        ann.Send("{'type':'record','id':3,'action':'stop'}");

        Assert.Equal("forbidden", ann.Socket.Next("error").GetProperty("code").GetString());
        Assert.Empty(world.Recordings.Asked);
    }

    [Fact]
    public void Record_OfAHost_AsksRoomAndOwner()
    {
        var world = new World();
        Client host = world.Join("ann+admin+record");

        host.Send("{'type':'record','id':3,'action':'start'}");
        Assert.Equal($"record {host.Id}", world.Sales.Calls[^1]);
        host.Send("{'type':'record','id':4,'action':'pause','reason':'pci','forMs':1000}");
        host.Send("{'type':'record','id':5,'action':'resume','participant':'PA_2'}");
        host.Send("{'type':'consent','id':6,'granted':false}");

        Assert.Contains("Reason = Pci, Text = , For = 00:00:01", world.Recordings.Asked[0], StringComparison.Ordinal);
        Assert.StartsWith("ResumeAsync  PA_2", world.Recordings.Asked[1], StringComparison.Ordinal);
        Assert.Equal($"consent {host.Id} {host.Id} False", world.Sales.Calls[^1]);
    }

    [Fact]
    public void Data_Delivered_IsOfferedToTheRecorderOnce()
    {
        var world = new World();
        Client ann = world.Join("ann");
        Client bo = world.Join("bo");

        ann.Send("{'type':'data','id':3,'topic':'chat','text':'hello'}");

        (ParticipantId? from, string frame) = Assert.Single(world.Recorder.Data);
        Assert.Equal(ann.Id, from);
        Assert.Equal(bo.Socket.Next("data").GetRawText(), frame);
    }

    private static string Text(LoggedEvent entry) => System.Text.Encoding.UTF8.GetString(
        ServerMessageContext.Write(EventMapper.Map(entry, isAdmin: false, participant => participant.Value == "PA_hidden")!));
}
