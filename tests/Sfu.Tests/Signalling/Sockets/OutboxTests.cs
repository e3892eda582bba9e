using Microsoft.Extensions.Time.Testing;
using Sfu.Signalling.Sessions;
using Sfu.Signalling.Sockets;

namespace Sfu.Tests.Signalling.Sockets;

public sealed class OutboxTests
{
    private readonly Outbox _outbox = new(2, 10);

    [Fact]
    public void TryAdd_BeyondMessagesOrBytes_IsFalseUntilSent()
    {
        Assert.True(_outbox.TryAdd(new byte[4]));
        Assert.False(_outbox.TryAdd(new byte[7]));
        Assert.True(_outbox.TryAdd(new byte[6]));
        Assert.False(_outbox.TryAdd(ReadOnlyMemory<byte>.Empty));
        Assert.True(_outbox.TryTake(out ReadOnlyMemory<byte> frame));
        Assert.False(_outbox.TryAdd(new byte[1]), "what is being sent still counts");
        _outbox.Sent(frame);
        Assert.True(_outbox.TryAdd(new byte[4]));
    }

    [Fact]
    public async Task Complete_Keeping_SendsWhatWaitsThenTheLast()
    {
        _outbox.TryAdd(new byte[] { 1 });
        _outbox.Complete(new byte[] { 9 }, discards: false);
        _outbox.Complete(new byte[] { 8 }, discards: true);
        Assert.True(_outbox.TryAdd(new byte[] { 2 }), "after the end all is dropped in silence");
        Assert.True(_outbox.TryTake(out ReadOnlyMemory<byte> first));
        Assert.True(_outbox.TryTake(out ReadOnlyMemory<byte> last));
        Assert.Equal((1, 9), (first.Span[0], last.Span[0]));
        Assert.False(await _outbox.WaitAsync(CancellationToken.None));
    }

    [Fact]
    public void Complete_Discarding_SendsTheLastOnly()
    {
        _outbox.TryAdd(new byte[] { 1 });
        _outbox.Complete(new byte[] { 9 }, discards: true);
        Assert.True(_outbox.TryTake(out ReadOnlyMemory<byte> last));
        Assert.Equal(9, last.Span[0]);
    }

    [Fact]
    public void Bucket_LetsBurstsThroughAndRefills()
    {
        var time = new FakeTimeProvider();
        var bucket = new MessageBucket(30, 100, time);
        for (int i = 0; i < 100; i++) Assert.True(bucket.TryTake(out _));
        Assert.False(bucket.TryTake(out TimeSpan wait));
        Assert.Equal(1000.0 / 30, wait.TotalMilliseconds, 1);
        time.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 30; i++) Assert.True(bucket.TryTake(out _));
        Assert.False(bucket.TryTake(out _));
        time.Advance(TimeSpan.FromHours(1));
        for (int i = 0; i < 100; i++) Assert.True(bucket.TryTake(out _));
        Assert.False(bucket.TryTake(out _));
    }

    [Fact]
    public void Mailbox_WorkThatThrows_DoesNotStopTheNext()
    {
        var ran = new List<int>();
        var errors = new List<Exception>();
        var mailbox = new Mailbox(item => item.Execute(), errors.Add);
        mailbox.Post(() => mailbox.Post(() => ran.Add(2)));
        mailbox.Post(() => throw new InvalidOperationException("x"));
        mailbox.Post(() => ran.Add(3));
        Assert.Equal([2, 3], ran);
        Assert.Single(errors);
    }

    [Fact]
    public void Mailbox_Full_TakesNoMore()
    {
        IThreadPoolWorkItem? drain = null;
        int ran = 0;
        var mailbox = new Mailbox(item => drain = item, _ => { });
        for (int i = 0; i < Mailbox.Capacity; i++) Assert.True(mailbox.Post(() => ran++));
        Assert.False(mailbox.Post(() => ran++));
        drain!.Execute();
        Assert.Equal(Mailbox.Capacity, ran);
        Assert.True(mailbox.Post(() => ran++));
    }

    [Fact]
    public async Task Mailbox_ManyPosters_RunOneAtATimeInTheirOrder()
    {
        int inside = 0, most = 0;
        var seen = new List<int>[4];
        var done = new CountdownEvent(4000);
        var mailbox = new Mailbox(Mailbox.OnThreadPool, _ => { });
        Task[] posters = [.. Enumerable.Range(0, 4).Select(p => Task.Run(() =>
        {
            seen[p] = [];
            for (int i = 0; i < 1000; i++)
            {
                int number = i;
                mailbox.Post(() =>
                {
                    most = Math.Max(most, ++inside);
                    seen[p].Add(number);
                    inside--;
                    done.Signal();
                });
            }
        }))];
        await Task.WhenAll(posters);
        Assert.True(done.Wait(TimeSpan.FromSeconds(30)));
        Assert.Equal(1, most);
        foreach (List<int> numbers in seen) Assert.Equal(Enumerable.Range(0, 1000), numbers);
    }
}
