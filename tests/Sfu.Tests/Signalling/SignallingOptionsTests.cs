using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sfu.Configuration;
using Sfu.Signalling.Http;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;

namespace Sfu.Tests.Signalling;

public sealed class SignallingOptionsTests
{
    [Fact]
    public void Validate_Defaults_AreGood() => Assert.True(new SignallingOptionsValidator().Validate(null, new SignallingOptions()).Succeeded);

    [Theory]
    [InlineData("https://app.example", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("*", false)]
    [InlineData("https://*.example", false)]
    [InlineData("https://app.example/", false)]
    [InlineData("https://app.example/path", false)]
    [InlineData("app.example", false)]
    [InlineData("ftp://app.example", false)]
    [InlineData("", false)]
    public void Validate_Origin_IsSchemeHostAndPort(string origin, bool isGood)
    {
        var options = new SignallingOptions();
        options.AllowedOrigins.Add(origin);
        AssertValid(options, isGood, "AllowedOrigins");
    }

    [Theory]
    [InlineData("stun:stun.example:3478", "", "", "", true)]
    [InlineData("stuns:[2001:db8::1]", "", "", "", true)]
    [InlineData("turn:turn.example?transport=tcp", "u", "p", "", true)]
    [InlineData("turns:turn.example", "", "", "s", true)]
    [InlineData("turn:turn.example", "", "", "", false)]
    [InlineData("turn:turn.example", "u", "p", "s", false)]
    [InlineData("turn:turn.example", "u", "", "", false)]
    [InlineData("http://turn.example", "", "", "", false)]
    [InlineData("stun:", "", "", "", false)]
    [InlineData("stun:a\r\nSet-Cookie: x", "", "", "", false)]
    [InlineData("stun:a>; rel=\"x\"", "", "", "", false)]
    public void Validate_IceServer_IsUsable(string url, string username, string credential, string secret, bool isGood)
    {
        var options = new SignallingOptions();
        options.IceServers.Add(new IceServerOptions { Urls = { url }, Username = username, Credential = credential, Secret = secret });
        AssertValid(options, isGood, "IceServers:0");
    }

    [Fact]
    public void Validate_WrongNumbers_AreNamedEach()
    {
        var options = new SignallingOptions
        {
            ResumeWindow = TimeSpan.FromSeconds(4),
            SilenceTimeout = TimeSpan.FromSeconds(2),
            JoinTimeout = TimeSpan.Zero,
            IdleTimeout = TimeSpan.FromSeconds(2),
            PingInterval = TimeSpan.FromSeconds(61),
            MessageTimeout = TimeSpan.Zero,
            RequestTimeout = TimeSpan.Zero,
            MessagesPerSecond = 0,
            MessageBurst = 0,
            DataBytesPerSecond = 0,
            FrameBytes = 0,
            OfferBytes = 0,
            OutgoingMessages = 0,
            OutgoingBytes = 0,
            SocketsPerAddress = 0,
            UnjoinedPerAddress = 0,
            NewSocketsPerAddress = 0,
            FailuresPerAddress = 0,
            HttpBodyBytes = 0,
            WhepWait = TimeSpan.FromSeconds(-1),
            WhepLinger = TimeSpan.FromSeconds(-1),
            HttpConnectTimeout = TimeSpan.Zero,
        };
        ValidateOptionsResult result = new SignallingOptionsValidator().Validate(null, options);
        foreach (string name in typeof(SignallingOptions).GetProperties().Where(property => property.PropertyType == typeof(int) || property.PropertyType == typeof(TimeSpan)).Select(property => property.Name))
            Assert.Contains(result.Failures!, failure => failure.StartsWith($"Sfu:Signalling:{name} is ", StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_IdleBelowTwoPings_IsRefused() =>
        AssertValid(new SignallingOptions { IdleTimeout = TimeSpan.FromSeconds(9) }, false, "IdleTimeout");

    [Fact]
    public void IceServers_WithSecret_GetLimitedCredentials()
    {
        var options = new SignallingOptions();
        options.IceServers.Add(new IceServerOptions { Urls = { "turn:turn.example" }, Secret = "north" });
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_433_895_318));
        IceServerBody server = Assert.Single(new IceServerSource(Options.Create(options), time).For("ninefingers"));
        // coturn computes the same: echo -n 1433895918:ninefingers | openssl dgst -sha1 -hmac north -binary | base64
        Assert.Equal("1433895918:ninefingers", server.Username);
        Assert.Equal("jy8hTxmOO7UtEKXqSkSlvakPVYA=", server.Credential);
        Assert.DoesNotContain(server.Credential!, server.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_OddIdentity_CannotEndTheHeader()
    {
        string link = Assert.Single(IceServerLinks.Of([new IceServerBody(["turn:t"], "1:a\"b\\c\r\nd é", "p")]));
        Assert.Equal("<turn:t>; rel=\"ice-server\"; username=\"1:a\\\"b\\\\c??d ?\"; credential=\"p\"; credential-type=\"password\"", link);
    }

    private static void AssertValid(SignallingOptions options, bool isGood, string option)
    {
        ValidateOptionsResult result = new SignallingOptionsValidator().Validate(null, options);
        Assert.Equal(isGood, result.Succeeded);
        if (!isGood) Assert.Contains($"Sfu:Signalling:{option}", result.FailureMessage, StringComparison.Ordinal);
    }
}
