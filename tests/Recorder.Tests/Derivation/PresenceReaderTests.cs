using System.Text;
using Sfu.Media.Time;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Tests.Derivation;

public sealed class PresenceReaderTests
{
    private readonly PresenceReader _reader = new();

    [Fact]
    public void Finish_JoinedAndLeft_IsThereInBetween()
    {
        Room(1, Joined("PA_1", "ann", "Ann"));
        Room(2, """{"kind":"participant_admitted","participant":{"id":"PA_2","identity":"bob","name":"","state":"joined","rights":{"hidden":false},"recording":"paused"},"by":{}}""");
        Room(5, """{"kind":"participant_left","participant":"PA_2","identity":"bob","reason":"left"}""");

        Assert.Equal([At("PA_1", "ann", "Ann", 1, 10), At("PA_2", "bob", "", 2, 5)], _reader.Finish(MediaTime.FromSeconds(10)));
    }

    [Theory]
    [InlineData("""{"kind":"participant_waiting","participant":{"id":"PA_1","identity":"ann","name":"Ann","state":"waiting","rights":{"hidden":false},"recording":"off"}}""")]
    [InlineData("""{"kind":"participant_joined","participant":{"id":"PA_1","identity":"ann","name":"Ann","rights":{"hidden":true},"recording":"on"}}""")]
    [InlineData("""{"kind":"participant_joined","participant":{"id":"PA_1","identity":"ann","name":"Ann","rights":{"recorder":true},"recording":"on"}}""")]
    [InlineData("""{"kind":"participant_joined","participant":{"id":"PA_1","identity":"ann","name":"Ann","recording":"consent_pending"}}""")]
    [InlineData("""{"kind":"participant_joined","participant":{"id":"PA_1","identity":"ann","name":"Ann","recording":"refused"}}""")]
    [InlineData("""{"kind":"participant_joined","participant":{"id":"PA_1","identity":"ann","name":"Ann","recording":"exempt"}}""")]
    [InlineData("""{"kind":"participant_joined","participant":{"id":7,"identity":"ann"}}""")]
    [InlineData("""{"kind":"participant_joined","participant":null}""")]
    [InlineData("""{"kind":"recording","states":[{"participant":"PA_1","state":"on"},7]}""")]
    [InlineData("""["participant_joined"]""")]
    [InlineData("no json")]
    public void Finish_NotAdmittedNotRecordedHiddenOrNoEvent_IsNotThere(string room)
    {
        Room(1, room);
        Assert.Empty(_reader.Finish(MediaTime.FromSeconds(10)));
    }

    [Fact]
    public void Finish_ConsentIsGivenAndTakenBack_IsThereInBetween()
    {
        Room(1, Joined("PA_1", "ann", "Ann", "consent_pending"));
        Room(2, """{"kind":"participant_recording","participant":"PA_1","consent":true,"state":"on"}""");
        Room(4, """{"kind":"recording","recording":{"state":"paused"},"states":[{"participant":"PA_1","state":"paused"}]}""");
        Room(5, """{"kind":"metadata","participant":"PA_1","metadata":"","name":"Ann B."}""");
        Room(6, """{"kind":"participant_recording","participant":"PA_1","consent":false,"state":"refused"}""");

        Assert.Equal([At("PA_1", "ann", "Ann B.", 2, 6)], _reader.Finish(MediaTime.FromSeconds(10)));
    }

    [Fact]
    public void Finish_ThereBeforeTheRecording_IsThereFromItsBeginning()
    {
        Take(0, new PresenceEvent(PresenceEvent.EventName, "PA_1", "ann", "Ann"));
        Take(0, new PresenceEvent(PresenceEvent.EventName, "PA_9", null, null));
        Room(3, """{"kind":"participant_left","participant":"PA_1"}""");

        Assert.Equal([At("PA_1", "ann", "Ann", 0, 3)], _reader.Finish(MediaTime.FromSeconds(10)));
    }

    [Fact]
    public void Finish_RecorderBeganAgain_WhoIsNotToldAgainIsGone()
    {
        Room(1, Joined("PA_1", "ann", "Ann"));
        Room(1, Joined("PA_2", "bob", "Bob"));
        Room(1, Joined("PA_3", "eve", "Eve", hidden: true));
        _reader.Take(MediaTime.FromSeconds(5), JournalText.Restarted(new Interruption(0, 1, "recorder_restarted")));
        Take(6, new PresenceEvent(PresenceEvent.EventName, "PA_1", null, null));
        Take(6, new PresenceEvent(PresenceEvent.EventName, "PA_3", null, null));

        Assert.Equal([At("PA_1", "ann", "Ann", 1, 10), At("PA_2", "bob", "Bob", 1, 5)], _reader.Finish(MediaTime.FromSeconds(10)));
    }

    private static string Joined(string id, string identity, string name, string recording = "on", bool hidden = false) =>
        $$$"""{"kind":"participant_joined","participant":{"id":"{{{id}}}","identity":"{{{identity}}}","name":"{{{name}}}","state":"joined","rights":{"publish":true,"hidden":{{{(hidden ? "true" : "false")}}},"recorder":false},"recording":"{{{recording}}}","tracks":[]}}""";

    private static SourcePresence At(string id, string identity, string name, double from, double to) => new(id, identity, name, MediaTime.FromSeconds(from), MediaTime.FromSeconds(to));

    private void Room(double at, string room) => _reader.Take(MediaTime.FromSeconds(at), Encoding.UTF8.GetBytes($$"""{"seq":1,"at":"2026-03-01T08:00:00Z","room":{{room}}}"""));

    private void Take(double at, PresenceEvent said) => _reader.Take(MediaTime.FromSeconds(at), said.ToJson());
}
