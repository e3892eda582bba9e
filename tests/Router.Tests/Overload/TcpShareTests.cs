using Sfu.Media.Time;
using Sfu.Router.Overload;

namespace Sfu.Router.Tests.Overload;

public sealed class TcpShareTests
{
    private static readonly MediaTime Turn = MediaTime.FromSeconds(100);

    [Fact]
    public void EndFor_UdpPackets_LeavesATenthOfTheTurn()
    {
        MediaTime now = Turn + TimeSpan.FromMilliseconds(9);

        Assert.Equal(now + TimeSpan.FromMilliseconds(1), TcpShare.EndFor(Turn, now, 1));
    }

    [Fact]
    public void EndFor_ShortTurn_LeavesAHundredMicroseconds()
    {
        MediaTime now = Turn + TimeSpan.FromMicroseconds(50);

        Assert.Equal(now + TimeSpan.FromMicroseconds(100), TcpShare.EndFor(Turn, now, 1));
    }

    [Fact]
    public void EndFor_NoUdpPackets_HasNoEnd() => Assert.True(TcpShare.EndFor(Turn, Turn, 0).IsNever);

    [Fact]
    public void TakeFirst_TurnAfterTurn_BeginsWithEachConnection()
    {
        var share = new TcpShare();

        Assert.Equal([0, 1, 2, 0, 1, 2], Enumerable.Range(0, 6).Select(_ => share.TakeFirst(3)));
    }
}
