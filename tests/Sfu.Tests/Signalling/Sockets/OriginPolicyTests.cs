using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Signalling.Sockets;

namespace Sfu.Tests.Signalling.Sockets;

/// <summary>The origin matrix of docs/threats.md T24.</summary>
public sealed class OriginPolicyTests
{
    [Theory]
    [InlineData("meet.example", null, true)]
    [InlineData("meet.example", "https://meet.example", true)]
    [InlineData("meet.example", "http://meet.example", true)]
    [InlineData("meet.example:8443", "https://meet.example:8443", true)]
    [InlineData("meet.example", "https://MEET.example", true)]
    [InlineData("[::1]:7880", "http://[::1]:7880", true)]
    [InlineData("meet.example", "https://app.example", true)]
    [InlineData("meet.example", "https://app.example:444", false)]
    [InlineData("meet.example", "http://app.example", false)]
    [InlineData("meet.example", "https://meet.example:8443", false)]
    [InlineData("meet.example:8443", "https://meet.example", false)]
    [InlineData("meet.example", "https://evil.example", false)]
    [InlineData("meet.example", "https://meet.example.evil.example", false)]
    [InlineData("meet.example", "https://evilmeet.example", false)]
    [InlineData("meet.example", "https://meet.example@evil.example", false)]
    [InlineData("meet.example", "https://user@meet.example", false)]
    [InlineData("meet.example", "https://meet.example/", false)]
    [InlineData("meet.example", "null", false)]
    [InlineData("meet.example", "", false)]
    [InlineData("meet.example", "*", false)]
    [InlineData("meet.example", "file://meet.example", false)]
    [InlineData("meet.example", "chrome-extension://abc", false)]
    public void Allows_Origin_SameHostOrListed(string host, string? origin, bool isAllowed)
    {
        var options = new SignallingOptions();
        options.AllowedOrigins.Add("https://app.example");
        var context = new DefaultHttpContext();
        context.Request.Host = new HostString(host);
        if (origin is not null) context.Request.Headers.Origin = origin;
        Assert.Equal(isAllowed, new OriginPolicy(Options.Create(options)).Allows(context.Request));
    }

    [Fact]
    public void Allows_TwoOrigins_IsRefused()
    {
        var context = new DefaultHttpContext();
        context.Request.Host = new HostString("meet.example");
        context.Request.Headers.Origin = new(["https://meet.example", "https://meet.example"]);
        Assert.False(new OriginPolicy(Options.Create(new SignallingOptions())).Allows(context.Request));
    }
}
