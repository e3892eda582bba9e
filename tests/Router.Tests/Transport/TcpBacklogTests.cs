using CsCheck;
using Sfu.Media.Time;
using Sfu.Router.Transport;

namespace Sfu.Router.Tests.Transport;

public sealed class TcpBacklogTests
{
    private static readonly MediaTime Start = MediaTime.FromSeconds(10);

    [Fact]
    public void AnyAppendsAndAdvances_KeepTheBytesInOrder() =>
        Gen.Select(Gen.Int[0, 65_536], Gen.Int[0, 100_000]).Array[1, 40].Sample(steps =>
        {
            using var backlog = new TcpBacklog();
            List<byte> model = [];
            byte next = 0;
            foreach ((int append, int advance) in steps)
            {
                if (backlog.Length <= TcpBacklog.Limit)
                {
                    byte[] bytes = [.. Enumerable.Range(0, append).Select(_ => next++)];
                    backlog.Append(Start, bytes);
                    model.AddRange(bytes);
                }

                int sent = Math.Min(advance, backlog.Length);
                backlog.Advance(sent);
                model.RemoveRange(0, sent);
                Assert.Equal(model.Count, backlog.Length);
                Assert.True(backlog.Waiting.SequenceEqual(model.ToArray()));
            }
        }, iter: 60);

    [Fact]
    public void IsCongested_OldestByteOlderThanHalfASecond_IsTrueUntilItIsSent()
    {
        using var backlog = new TcpBacklog();
        backlog.Append(Start, new byte[100]);
        backlog.Append(Start + TimeSpan.FromMilliseconds(300), new byte[100]);

        Assert.False(backlog.IsCongested(Start + TimeSpan.FromMilliseconds(500)));
        Assert.True(backlog.IsCongested(Start + TimeSpan.FromMilliseconds(501)));
        backlog.Advance(100);
        Assert.False(backlog.IsCongested(Start + TimeSpan.FromMilliseconds(501)));
        Assert.True(backlog.IsCongested(Start + TimeSpan.FromMilliseconds(801)));
        backlog.Advance(100);
        Assert.False(backlog.IsCongested(Start + TimeSpan.FromSeconds(100)));
    }

    [Fact]
    public void IsCongested_MoreBytesThanTheLimit_IsTrue()
    {
        using var backlog = new TcpBacklog();
        while (backlog.Length <= TcpBacklog.Limit) backlog.Append(Start, new byte[65_536]);

        Assert.True(backlog.IsCongested(Start));
        backlog.Advance(65_536);
        Assert.False(backlog.IsCongested(Start));
    }

    [Fact]
    public void IsCongested_ManyAppendsOverTime_ErrsOnTheSafeSideByOneMarkOnly()
    {
        // Ages are kept at 25 ms: what is appended within one mark counts as old as its first byte.
        using var backlog = new TcpBacklog();
        for (int i = 0; i < 400; i++)
        {
            MediaTime now = Start + TimeSpan.FromMilliseconds(10 * i);
            backlog.Append(now, new byte[10]);
            if (i < 20) continue;
            backlog.Advance(10);                           // a steady queue whose oldest byte is 190 ms old
            Assert.False(backlog.IsCongested(now + TimeSpan.FromMilliseconds(280)));
            Assert.True(backlog.IsCongested(now + TimeSpan.FromMilliseconds(311)));
        }
    }
}
