using Sfu.Router.Transport.Native;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Workers;

public sealed class MailboxTests
{
    private const int TenSeconds = 10_000;

    [Fact]
    public void TryPost_Full_RefusesUntilOneIsTaken()
    {
        using var mailbox = new Mailbox(3);
        for (int i = 0; i < 3; i++) Assert.True(mailbox.TryPost(Command(i)));

        Assert.False(mailbox.TryPost(Command(3)));
        Assert.Equal(3, mailbox.Count);
        Assert.True(mailbox.TryTake(out _));
        Assert.True(mailbox.TryPost(Command(4)));
    }

    [Fact]
    public void TryPost_Closed_Refuses()
    {
        using var mailbox = new Mailbox(3);
        mailbox.Close();

        Assert.False(mailbox.TryPost(Command(0)));
    }

    [Fact]
    public void TryPost_Any_RingsOnceUntilSilenced()
    {
        using var mailbox = new Mailbox(100);
        using Epoll epoll = Watch(mailbox);
        Assert.Equal(0, epoll.Wait(0));

        mailbox.TryPost(Command(0));
        mailbox.TryPost(Command(1));
        Assert.Equal(1, epoll.Wait(0));
        mailbox.Silence();
        Assert.Equal(0, epoll.Wait(0));
        mailbox.TryPost(Command(2));
        Assert.Equal(1, epoll.Wait(0));
    }

    [Fact]
    public void TryPost_AfterDispose_DoesNotThrow()
    {
        var mailbox = new Mailbox(100);
        mailbox.Dispose();

        Assert.True(mailbox.TryPost(Command(0)));          // not closed: the reader ended between the two
        mailbox.Ring();
    }

    [Fact]
    public void ManyWriters_OneReaderThatSleeps_GetsEveryCommandInOrder()
    {
        const int writers = 4, each = 20_000;
        using var mailbox = new Mailbox(64);
        using Epoll epoll = Watch(mailbox);
        Thread[] threads = [.. Enumerable.Range(0, writers).Select(writer => new Thread(() => Write(mailbox, writer, each)))];
        foreach (Thread thread in threads) thread.Start();

        var next = new long[writers];
        for (int taken = 0; taken < writers * each;)
        {
            if (mailbox.Count == 0) Assert.True(epoll.WaitThroughSignals(TenSeconds) > 0, "a command waits and no bell rang");
            mailbox.Silence();
            while (mailbox.TryTake(out WorkerCommand? command))
            {
                long id = ((CloseRoom)command).Room.Value;
                Assert.Equal(next[id % writers]++, id / writers);
                taken++;
            }
        }

        foreach (Thread thread in threads) Assert.True(thread.Join(TenSeconds));
        Assert.Equal(0, mailbox.Count);
    }

    private static void Write(Mailbox mailbox, int writer, int count)
    {
        var wait = new SpinWait();
        for (int i = 0; i < count; i++)
            while (!mailbox.TryPost(Command(i * 4L + writer))) wait.SpinOnce();
    }

    private static Epoll Watch(Mailbox mailbox)
    {
        var epoll = new Epoll();
        epoll.Add(mailbox.Bell, LibCConstants.EpollIn, 0);
        return epoll;
    }

    private static CloseRoom Command(long number) => new(new RoomId(number));
}
