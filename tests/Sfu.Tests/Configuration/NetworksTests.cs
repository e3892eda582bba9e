using System.Net;
using Sfu.Configuration;

namespace Sfu.Tests.Configuration;

public sealed class NetworksTests
{
    [Theory]
    [InlineData("127.0.0.0/8", "127.1.2.3", true)]
    [InlineData("127.0.0.0/8", "::ffff:127.0.0.1", true)]
    [InlineData("127.0.0.0/8", "128.0.0.1", false)]
    [InlineData("10.1.2.3", "10.1.2.3", true)]
    [InlineData("10.1.2.3", "10.1.2.4", false)]
    [InlineData("10.0.0.9/8", "10.200.0.1", true)]
    [InlineData("fd00::/8", "fd12::1", true)]
    [InlineData("fd00::/8", "fe80::1", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("::1", "127.0.0.1", false)]
    [InlineData("0.0.0.0/0", "::1", false)]
    public void Contain_Address_IsJudgedByItsOwnFamily(string network, string address, bool expected) =>
        Assert.Equal(expected, Networks.Contain(Networks.Parse([network]), IPAddress.Parse(address)));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("fd00::/129")]
    public void TryParse_NoNetwork_IsFalse(string text) => Assert.False(Networks.TryParse(text, out _));

    [Fact]
    public void Contain_UnknownAddress_IsFalse() => Assert.False(Networks.Contain(Networks.Loopback, null));
}
