using Sfu.Router.Workers;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Workers;

public sealed class EventOutboxTests
{
    private const int ChannelCapacity = 8192;
    private const int OverflowCapacity = 65_536;

    [Fact]
    public void Post_ChannelFull_KeepsWhatHappenedAndDropsSummaries()
    {
        var outbox = new EventOutbox();
        for (int i = 0; i < ChannelCapacity; i++) outbox.Post(Closed(i));

        outbox.Post(new RoomSummary(new RoomId(1), []));
        outbox.Post(new ActiveSpeakersChanged(new RoomId(1), null, []));
        outbox.Post(Closed(ChannelCapacity));

        Assert.Equal(2, outbox.Dropped);
        Assert.Equal(Enumerable.Range(0, ChannelCapacity + 1), Drain(outbox));
    }

    [Fact]
    public void Post_OverflowFull_CountsEveryLostEvent()
    {
        var outbox = new EventOutbox();
        for (int i = 0; i < ChannelCapacity + OverflowCapacity + 10; i++) outbox.Post(Closed(i));

        Assert.Equal(10, outbox.Dropped);
        Assert.Equal(Enumerable.Range(0, ChannelCapacity + OverflowCapacity), Drain(outbox));
    }

    [Fact]
    public void Post_BehindAnOverflow_NeverOvertakes()
    {
        var outbox = new EventOutbox();
        for (int i = 0; i < ChannelCapacity + 5; i++) outbox.Post(Closed(i));
        for (int i = 0; i < 3; i++) Assert.True(outbox.Reader.TryRead(out _));

        outbox.Post(Closed(ChannelCapacity + 5));          // there is room for three, and five wait already

        Assert.Equal(Enumerable.Range(3, ChannelCapacity + 3), Drain(outbox));
    }

    [Fact]
    public async Task Complete_WithEventsWaiting_LetsTheReaderFinish()
    {
        var outbox = new EventOutbox();
        outbox.Post(Closed(1));

        outbox.Complete();

        Assert.True(outbox.Reader.TryRead(out _));
        Assert.False(await outbox.Reader.WaitToReadAsync(new CancellationTokenSource(TimeSpan.FromSeconds(5)).Token));
    }

    private static TransportClosed Closed(int number) => new(new RoomId(1), new TransportId(number), TransportCloseReason.Commanded);

    private static List<int> Drain(EventOutbox outbox)
    {
        List<int> numbers = [];
        do
        {
            while (outbox.Reader.TryRead(out WorkerEvent? happened)) numbers.Add((int)((TransportClosed)happened).Transport.Value);
            outbox.Retry();
        }
        while (outbox.Reader.TryPeek(out _));
        return numbers;
    }
}
