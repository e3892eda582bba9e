using Sfu.Media.Time;
using Sfu.Router.KeyFrames;

namespace Sfu.Router.Tests.KeyFrames;

public sealed class KeyFrameRequesterTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(10);

    [Fact]
    public void Poll_TwoRequests_SendsOnePliAtOnce()
    {
        var requester = new KeyFrameRequester();
        requester.Request();
        requester.Request();

        Assert.True(requester.Poll(Start, TimeSpan.Zero, out MediaTime next));
        Assert.Equal(Start + KeyFrameRequester.MinInterval, next);
        Assert.False(requester.Poll(Start + KeyFrameRequester.MinInterval / 2, TimeSpan.Zero, out _));
    }

    [Fact]
    public void Poll_KeyFrameLost_SendsAgain()
    {
        var requester = new KeyFrameRequester();
        requester.Request();
        requester.Poll(Start, TimeSpan.Zero, out MediaTime next);

        Assert.True(requester.Poll(next, TimeSpan.Zero, out _));
    }

    [Fact]
    public void Poll_KeyFrameCame_SendsNoMore()
    {
        var requester = new KeyFrameRequester();
        requester.Request();
        requester.Poll(Start, TimeSpan.Zero, out MediaTime next);
        requester.OnKeyFrame();

        Assert.False(requester.Poll(next, TimeSpan.Zero, out next));
        Assert.True(next.IsNever);
    }

    [Fact]
    public void Poll_RequestRightAfterKeyFrame_WaitsForTheInterval()
    {
        var requester = new KeyFrameRequester();
        requester.Request();
        requester.Poll(Start, TimeSpan.Zero, out _);
        requester.OnKeyFrame();
        requester.Request();

        Assert.False(requester.Poll(Start + TimeSpan.FromMilliseconds(100), TimeSpan.Zero, out MediaTime next));
        Assert.Equal(Start + KeyFrameRequester.MinInterval, next);
        Assert.True(requester.Poll(next, TimeSpan.Zero, out _));
    }

    [Fact]
    public void Poll_LongRoundTrip_WaitsForTheAnswer()
    {
        var requester = new KeyFrameRequester();
        requester.Request();
        requester.Poll(Start, TimeSpan.FromSeconds(1), out MediaTime next);

        Assert.Equal(Start + TimeSpan.FromSeconds(1.5), next);
    }

    [Fact]
    public void Poll_NeverAnswered_GivesUpUntilAskedAnew()
    {
        var requester = new KeyFrameRequester();
        requester.Request();
        int sent = 0;
        for (MediaTime now = Start; !now.IsNever;)
        {
            if (requester.Poll(now, TimeSpan.Zero, out MediaTime next)) sent++;
            now = next;
        }

        Assert.Equal(KeyFrameRequester.MaxTries, sent);
        requester.Request();
        Assert.True(requester.Poll(Start + TimeSpan.FromMinutes(1), TimeSpan.Zero, out _));
    }

    [Fact]
    public void TryTake_FourthWithinTenSeconds_IsRefused()
    {
        var limit = new ViewerRequestLimit();
        for (int i = 0; i < 3; i++) Assert.True(limit.TryTake(Start + TimeSpan.FromSeconds(i)));
        Assert.False(limit.TryTake(Start + TimeSpan.FromSeconds(9)));
        Assert.True(limit.TryTake(Start + TimeSpan.FromSeconds(10)));
        Assert.False(limit.TryTake(Start + TimeSpan.FromSeconds(10.5)));
        Assert.True(limit.TryTake(Start + TimeSpan.FromSeconds(11)));
    }
}
