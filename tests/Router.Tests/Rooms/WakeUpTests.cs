using Sfu.Media.Jitter;
using Sfu.Media.Time;

namespace Sfu.Router.Tests.Rooms;

/// <summary>What is not urgent waits for a packet that wakes the worker anyway; what is urgent does not.</summary>
public sealed class WakeUpTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(10);

    private readonly TestRoom _room = new();

    public void Dispose() => _room.Dispose();

    [Fact]
    public void WakeAt_ReportsAndSummary_MayWaitForAPacket()
    {
        MediaTime joined = _room.Now;
        _room.Join();

        Assert.Equal(joined + TimeSpan.FromSeconds(1), _room.Router.NextDeadline);
        Assert.Equal(joined + TimeSpan.FromSeconds(1) + Patience, _room.Router.WakeAt);
    }

    [Fact]
    public void WakeAt_Feedback_MayWaitForAPacket()
    {
        TestTransport sender = _room.Join();
        _room.PublishAudio(sender);
        MediaTime first = _room.Now;
        sender.Send(new RtpMaker(0x2222, TestRoom.OpusType, "a").Next([0x78, 1]));

        Assert.Equal(first + TimeSpan.FromMilliseconds(250), _room.Router.NextDeadline);
        Assert.Equal(first + TimeSpan.FromMilliseconds(260), _room.Router.WakeAt);
    }

    [Fact]
    public void WakeAt_MissingPacket_IsWhenItIsToBeAskedFor()
    {
        TestTransport sender = _room.Join();
        _room.PublishAudio(sender);
        var maker = new RtpMaker(0x2222, TestRoom.OpusType, "a");
        sender.Send(maker.Next([0x78, 1]));
        maker.Sequence++;
        sender.Send(maker.Next([0x78, 3]));

        Assert.Equal(_room.Now + NackLimits.Default.ReorderWait, _room.Router.WakeAt);
        Assert.Equal(_room.Router.NextDeadline, _room.Router.WakeAt);
    }

    [Fact]
    public void OnDeadline_AfterEveryTurn_WakesNotBeforeAndNotLongAfterTheDeadline()
    {
        TestTransport sender = _room.Join();
        _room.Join();
        _room.PublishAudio(sender);
        var maker = new RtpMaker(0x2222, TestRoom.OpusType, "a");
        for (int i = 0; i < 300; i++)
        {
            if (i % 17 == 3) maker.Sequence++;
            sender.Send(maker.Next([0x78, (byte)i]));
            Check();
            _room.Advance(i % 23);
            Check();
        }

        void Check()
        {
            Assert.True(_room.Router.WakeAt >= _room.Router.NextDeadline);
            Assert.True(_room.Router.WakeAt <= _room.Router.NextDeadline + Patience);
        }
    }
}
