using Sfu.Media.Rtp;

namespace Sfu.Media.Tests.Rtp;

public sealed class SequenceNumberTests
{
    [Fact]
    public void ToString_OfAnyNumber_IsTheNumber() => Assert.Equal("65535", new SequenceNumber(65535).ToString());
}
