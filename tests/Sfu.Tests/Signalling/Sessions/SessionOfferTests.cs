using System.Text.Json;
using Sfu.Nodes;
using Sfu.Tests.Signalling.Fakes;

namespace Sfu.Tests.Signalling.Sessions;

public sealed class SessionOfferTests
{
    private readonly World _world = new();
    private readonly Client _ann;

    public SessionOfferTests() => _ann = _world.Join("ann");

    [Theory]
    [InlineData("bad_sdp", "m")]
    [InlineData("no_common_codec", null)]
    [InlineData("forbidden", null)]
    [InlineData("bad_message", "tracks.7")]
    public void Offer_RefusedByTheMedia_AnswersItsError(string code, string? field)
    {
        _ann.Media.Answer = _ => new MediaAnswer(null, new Dictionary<string, AnsweredSection>(), new MediaError(code, field, "Why."));
        Offer(2, 1);

        JsonElement error = _ann.Socket.Next("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(field, error.TryGetProperty("field", out JsonElement shown) ? shown.GetString() : null);
        Assert.Equal(2, error.GetProperty("re").GetInt32());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Offer_RevNotGreater_IsBadState(int rev)
    {
        Offer(2, 5);
        _ann.Socket.Next("answer");
        Offer(3, rev);
        AssertError("bad_state", 3, "rev");
        Offer(4, 6);
        _ann.Socket.Next("answer");
    }

    [Fact]
    public void Offer_WhileOneIsOpen_IsBadState()
    {
        var gate = new TaskCompletionSource();
        _ann.Media.Gate = gate.Task;
        Offer(2, 1);
        Offer(3, 2);
        AssertError("bad_state", 3, null);

        gate.SetResult();
        Assert.Equal(2, _ann.Socket.Next("answer").GetProperty("re").GetInt32());
        Offer(4, 3);
        Assert.Equal(4, _ann.Socket.Next("answer").GetProperty("re").GetInt32());
    }

    [Fact]
    public void Offer_OfALostSocket_IsVoidAndTheNextOneWaitsForItsEnd()
    {
        var gate = new TaskCompletionSource();
        _ann.Media.IsDeaf = true;
        _ann.Media.Gate = gate.Task;
        Offer(2, 1);
        _ann.Cut();
        _ann.Resume(0);
        _ann.Socket.Skip();
        Offer(3, 2);
        Assert.Single(_ann.Media.Calls, call => call.StartsWith("offer", StringComparison.Ordinal));

        gate.SetResult();

        JsonElement answer = _ann.Socket.Next("answer");
        Assert.Equal(3, answer.GetProperty("re").GetInt32());
        Assert.Equal(2, answer.GetProperty("rev").GetInt32());
        _ann.Socket.AssertNothing();
    }

    [Fact]
    public void Offer_SocketLostMeanwhile_IsGivenUp()
    {
        _ann.Media.Gate = new TaskCompletionSource().Task;
        Offer(2, 1);
        _ann.Cut();
        _ann.Resume(0);
        _ann.Socket.Skip();
        Offer(3, 2); // the first one was cancelled: this one is under way

        Assert.Equal(2, _ann.Media.Calls.Count(call => call.StartsWith("offer", StringComparison.Ordinal)));
    }

    [Fact]
    public void Offer_MediaThrows_AnswersInternalAndLogs()
    {
        _ann.Media.Failure = new InvalidOperationException("broken media");
        Offer(2, 1);
        AssertError("internal", 2, null);
        Assert.Contains("broken media", _world.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 10)]
    [InlineData(true, 20)]
    public void Offer_MediaHangs_AnswersInternalAfterTheTimeout(bool isDeaf, int seconds)
    {
        _ann.Media.IsDeaf = isDeaf;
        _ann.Media.Gate = new TaskCompletionSource().Task;
        Offer(2, 1);
        _world.Clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        _ann.Socket.AssertNothing();
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        AssertError("internal", 2, null);
    }

    private void Offer(int id, int rev) => _ann.Send($"{{'type':'offer','id':{id},'rev':{rev},'sdp':'v=0'}}");

    private void AssertError(string code, int re, string? field)
    {
        JsonElement error = _ann.Socket.Next("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(re, error.GetProperty("re").GetInt32());
        Assert.Equal(field, error.TryGetProperty("field", out JsonElement shown) ? shown.GetString() : null);
    }
}
