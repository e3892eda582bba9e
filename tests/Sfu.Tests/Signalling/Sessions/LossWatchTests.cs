using Sfu.Rooms;
using Sfu.Signalling.Sessions;

namespace Sfu.Tests.Signalling.Sessions;

public sealed class LossWatchTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);
    private readonly LossWatch _watch = new(Silence, Window);

    [Fact]
    public void Poll_SocketThere_NeverLeaves()
    {
        _watch.MediaClosed(At(1), "closed_by_client");
        Assert.Null(_watch.Poll(At(1000), out TimeSpan? next));
        Assert.Null(next);
    }

    [Fact]
    public void Poll_MediaFlows_LeavesAtTheEndOfTheWindow()
    {
        _watch.MediaConnected();
        _watch.SocketLost(At(100), At(95));
        Assert.Null(_watch.Poll(At(129.9), out TimeSpan? next));
        Assert.Equal(At(130), next);
        Assert.Equal(LeaveReason.Timeout, _watch.Poll(At(130), out _));
    }

    [Fact]
    public void Poll_MediaTimesOutAfterTheSocket_LeavesAtOnce()
    {
        _watch.MediaConnected();
        _watch.SocketLost(At(100), At(98));
        _watch.MediaClosed(At(112), "timeout");
        Assert.Equal(LeaveReason.Timeout, _watch.Poll(At(112), out _));
    }

    [Fact]
    public void Poll_MediaTimedOutBeforeTheSocket_LeavesWhenBothWereSilentForTheTime()
    {
        _watch.MediaConnected();
        _watch.MediaClosed(At(100), "ice_timeout");
        _watch.SocketLost(At(103), At(91));
        Assert.Equal(LeaveReason.Timeout, _watch.Poll(At(103), out _));
    }

    [Fact]
    public void Poll_MediaNeverConnected_LeavesTwelveSecondsAfterTheLastFrame()
    {
        _watch.SocketLost(At(100), At(97));
        Assert.Null(_watch.Poll(At(108.9), out TimeSpan? next));
        Assert.Equal(At(109), next);
        Assert.Equal(LeaveReason.Timeout, _watch.Poll(At(109), out _));
    }

    [Theory]
    [InlineData("dtls_failed")]
    [InlineData("fingerprint_mismatch")]
    [InlineData("failed")]
    public void Poll_MediaFailedOtherwise_LeavesTwelveSecondsAfterThat(string reason)
    {
        _watch.SocketLost(At(100), At(99));
        _watch.MediaClosed(At(105), reason);
        Assert.Null(_watch.Poll(At(116.9), out TimeSpan? next));
        Assert.Equal(At(117), next);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Poll_ClosedByClientAndSocketGone_IsClientLeftInEitherOrder(bool mediaFirst)
    {
        _watch.MediaConnected();
        if (mediaFirst) _watch.MediaClosed(At(99), "closed_by_client");
        _watch.SocketLost(At(100), At(98));
        if (!mediaFirst) _watch.MediaClosed(At(100), "closed_by_client");
        Assert.Equal(LeaveReason.ClientLeft, _watch.Poll(At(100), out _));
    }

    [Fact]
    public void Poll_MediaCameBack_CountsTheWindowAgain()
    {
        _watch.MediaConnected();
        _watch.MediaClosed(At(90), "closed_by_client");
        _watch.MediaConnected();
        _watch.SocketLost(At(100), At(99));
        Assert.Null(_watch.Poll(At(100), out TimeSpan? next));
        Assert.Equal(At(130), next);
    }

    [Fact]
    public void Poll_SocketCameBack_Stays()
    {
        _watch.SocketLost(At(100), At(99));
        _watch.SocketAttached();
        Assert.Null(_watch.Poll(At(200), out _));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
