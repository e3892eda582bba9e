using System.Text.Json;
using Sfu.Rooms;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Sessions;

public sealed class SessionDataTests
{
    private readonly World _world = new();

    [Fact]
    public void Data_ToEverybody_ReachesAllOthersOfTheRoom()
    {
        Client ann = _world.Join("ann"), bo = _world.Join("bo"), ghost = _world.Join("ghost+hidden"), other = _world.Join("cy+room=other");
        SkipAll(ann, bo, ghost, other);
        ann.Send("{'type':'data','id':3,'topic':'chat','text':'hello'}");

        Assert.Equal(3, ann.Socket.Next("ok").GetProperty("re").GetInt32());
        string expected = $$"""{"type":"data","from":"{{ann.Id}}","direct":false,"topic":"chat","text":"hello","at":1760000000000}""";
        Assert.Equal(expected, bo.Socket.Next("data").GetRawText());
        Assert.Equal(expected, ghost.Socket.Next("data").GetRawText());
        other.Socket.AssertNothing();
        ann.Socket.AssertNothing();
    }

    [Fact]
    public void Data_ToSome_ReachesThemOnceAndDirectly()
    {
        Client ann = _world.Join("ann"), bo = _world.Join("bo"), cy = _world.Join("cy");
        SkipAll(ann, bo, cy);
        ann.Send($"{{'type':'data','to':['{bo.Id}','{bo.Id}'],'topic':'x','base64':'AAEC'}}");

        JsonElement data = bo.Socket.Next("data");
        Assert.True(data.GetProperty("direct").GetBoolean());
        Assert.Equal("AAEC", data.GetProperty("base64").GetString());
        Assert.False(data.TryGetProperty("text", out _));
        bo.Socket.AssertNothing();
        cy.Socket.AssertNothing();
        ann.Socket.AssertNothing();
    }

    [Fact]
    public void Data_ToSomebodyUnknownOrHidden_ReachesNobody()
    {
        Client ann = _world.Join("ann"), bo = _world.Join("bo"), ghost = _world.Join("ghost+hidden");
        SkipAll(ann, bo, ghost);
        foreach (string to in (string[])["PA_404", ghost.Id.Value])
        {
            ann.Send($"{{'type':'data','id':3,'to':['{bo.Id}','{to}'],'topic':'x','text':''}}");
            JsonElement error = ann.Socket.Next("error");
            Assert.Equal("not_found", error.GetProperty("code").GetString());
            Assert.Equal("to", error.GetProperty("field").GetString());
        }

        bo.Socket.AssertNothing();
        ghost.Socket.AssertNothing();
    }

    [Theory]
    [InlineData("ann+nodata")]
    [InlineData("ann+hidden")]
    public void Data_WithoutTheRightOrHidden_IsForbidden(string token)
    {
        Client ann = _world.Join(token), bo = _world.Join("bo");
        SkipAll(ann, bo);
        ann.Send("{'type':'data','topic':'x','text':'x'}");
        Assert.Equal("forbidden", ann.Socket.Next("error").GetProperty("code").GetString());
        bo.Socket.AssertNothing();
    }

    [Fact]
    public void Data_ReceiverHasNoSocketNow_IsNotKept()
    {
        Client ann = _world.Join("ann"), bo = _world.Join("bo");
        bo.Media.Sink.OnMediaConnected();
        bo.Cut();
        ann.Socket.Skip();
        ann.Send($"{{'type':'data','id':3,'to':['{bo.Id}'],'topic':'x','text':'lost'}}");
        ann.Socket.Next("ok");
        bo.Resume(0);
        Assert.DoesNotContain(bo.Socket.Rest(), message => message.GetProperty("type").GetString() == "data");
    }

    [Fact]
    public void Data_ReceiverLeft_IsNotFound()
    {
        Client ann = _world.Join("ann"), bo = _world.Join("bo");
        ParticipantId gone = bo.Id;
        bo.Send("{'type':'leave'}");
        ann.Socket.Skip();
        ann.Send($"{{'type':'data','id':3,'to':['{gone}'],'topic':'x','text':''}}");
        Assert.Equal("not_found", ann.Socket.Next("error").GetProperty("code").GetString());
    }

    [Fact]
    public void Data_TooMuch_IsDroppedWithLimitUntilItRefills()
    {
        Client ann = _world.Join("ann"), bo = _world.Join("bo");
        SkipAll(ann, bo);
        string message = $"{{'type':'data','id':3,'topic':'x','text':'{new string('a', 60_000)}'}}";
        for (int i = 0; i < 4; i++)
        {
            ann.Send(message);
            ann.Socket.Next("ok");
        }

        ann.Send(message);
        JsonElement error = ann.Socket.Next("error");
        Assert.Equal("limit", error.GetProperty("code").GetString());
        Assert.InRange(error.GetProperty("retryAfterMs").GetInt64(), 500, 1000);
        _world.Clock.Advance(TimeSpan.FromMilliseconds(error.GetProperty("retryAfterMs").GetInt64()));
        ann.Send(message);
        ann.Socket.Next("ok");
        Assert.Equal(5, bo.Socket.Rest().Length);
    }

    [Fact]
    public void Data_Many_ArriveInOrder()
    {
        Client ann = _world.Join("ann"), bo = _world.Join("bo");
        SkipAll(ann, bo);
        for (int i = 0; i < 50; i++) ann.Send($"{{'type':'data','topic':'x','text':'{i}'}}");
        for (int i = 0; i < 50; i++) Assert.Equal($"{i}", bo.Socket.Next("data").GetProperty("text").GetString());
    }

    private static void SkipAll(params Client[] clients)
    {
        foreach (Client client in clients) client.Socket.Skip();
    }
}
