using Sfu.Media.Ice;
using Sfu.Media.Time;
using Sfu.Simulation.Network;

namespace Sfu.Simulation.Scenarios;

/// <summary>The simulated network does what its options say: every other scenario rests on it.</summary>
public sealed class LinkTests
{
    private static readonly TransportAddress Here = TransportAddress.FromIPv4(1, 1), There = TransportAddress.FromIPv4(2, 2);

    [Fact]
    public void Delay_WithoutJitter_IsExact()
    {
        List<(int Number, TimeSpan After)> arrived = Send(LinkOptions.Good.After(25), 100, TimeSpan.FromMilliseconds(1));

        Assert.Equal(Enumerable.Range(0, 100), arrived.Select(a => a.Number));
        Assert.All(arrived, a => Assert.Equal(TimeSpan.FromMilliseconds(25), a.After));
    }

    [Fact]
    public void Jitter_WithoutReordering_KeepsTheOrderWithinItsBounds()
    {
        LinkOptions options = LinkOptions.Good with { Jitter = TimeSpan.FromMilliseconds(20) };
        List<(int Number, TimeSpan After)> arrived = Send(options, 1000, TimeSpan.FromMilliseconds(1));

        Assert.Equal(Enumerable.Range(0, 1000), arrived.Select(a => a.Number));
        Assert.All(arrived, a => Assert.InRange(a.After, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(30)));
        Assert.True(arrived.Select(a => a.After).Distinct().Count() > 100);
    }

    [Fact]
    public void Jitter_WithReordering_LetsSomeOvertake()
    {
        LinkOptions options = LinkOptions.Good with { Jitter = TimeSpan.FromMilliseconds(20), Reorders = true };
        List<(int Number, TimeSpan After)> arrived = Send(options, 1000, TimeSpan.FromMilliseconds(1));

        Assert.Equal(Enumerable.Range(0, 1000), arrived.Select(a => a.Number).Order());
        Assert.NotEqual(Enumerable.Range(0, 1000), arrived.Select(a => a.Number));
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.2)]
    public void PlainLoss_LosesItsShare(double share) =>
        Assert.InRange(1 - Send(LinkOptions.Good.Losing(share), 20_000, TimeSpan.Zero).Count / 20_000.0, share - 0.01, share + 0.01);

    [Fact]
    public void BurstLoss_LosesItsShareInBurstsOfItsLength()
    {
        // Bad for 1/0.25 = 4 datagrams on the average, good for 1/0.01 = 100: 4 of 104 are lost.
        LinkOptions options = LinkOptions.Good with { Loss = () => new BurstLoss(toBad: 0.01, toGood: 0.25) };
        HashSet<int> arrived = [.. Send(options, 100_000, TimeSpan.Zero).Select(a => a.Number)];
        int lost = 100_000 - arrived.Count;
        int bursts = Enumerable.Range(1, 99_999).Count(i => !arrived.Contains(i) && arrived.Contains(i - 1));

        Assert.InRange(lost / 100_000.0, 0.03, 0.047);
        Assert.InRange((double)lost / bursts, 3.5, 4.5);
    }

    [Fact]
    public void Duplicates_ComeTwice()
    {
        List<(int Number, TimeSpan After)> arrived = Send(LinkOptions.Good with { Duplicates = 0.1 }, 10_000, TimeSpan.Zero);

        Assert.InRange(arrived.Count - 10_000, 900, 1100);
        Assert.Equal(10_000, arrived.Select(a => a.Number).Distinct().Count());
    }

    [Fact]
    public void Rate_NarrowHop_QueuesThenDrops()
    {
        // A hundred bytes at 80 kbps take 10 ms; the queue holds 200 ms of them.
        LinkOptions options = LinkOptions.Good with { Rate = Bitrate.FromKilobits(80) };
        List<(int Number, TimeSpan After)> arrived = Send(options, 100, TimeSpan.Zero);

        Assert.Equal(21, arrived.Count);
        Assert.Equal(Enumerable.Range(0, 21).Select(i => TimeSpan.FromMilliseconds(20 + 10 * i)), arrived.Select(a => a.After));
    }

    [Fact]
    public void Options_ChangedOnTheWay_ChangeNothingElse()
    {
        // The same random values are drawn whatever happens: losing some leaves the delays of the others as they are.
        LinkOptions jitter = LinkOptions.Good with { Jitter = TimeSpan.FromMilliseconds(20), Reorders = true };
        Dictionary<int, TimeSpan> all = Send(jitter, 500, TimeSpan.FromMilliseconds(1)).ToDictionary(a => a.Number, a => a.After);
        Dictionary<int, TimeSpan> some = Send(jitter, 500, TimeSpan.FromMilliseconds(1), drops: number => number % 3 == 0).ToDictionary(a => a.Number, a => a.After);

        Assert.Equal(333, some.Count);
        Assert.All(some, pair => Assert.Equal(all[pair.Key], pair.Value));
    }

    /// <summary>Sends numbered datagrams of 100 bytes over a link of seed 1.</summary>
    /// <returns>What arrived, in order, and how long after its sending.</returns>
    private static List<(int Number, TimeSpan After)> Send(LinkOptions options, int count, TimeSpan spacing, Func<int, bool>? drops = null)
    {
        MediaTime start = MediaTime.FromSeconds(1), now = start;
        var agenda = new PriorityQueue<Action, (long At, int Order)>();
        int order = 0;
        List<(int, TimeSpan)> arrived = [];
        var link = new Link(options, new Random(1), (at, action) => agenda.Enqueue(action, (at.Nanoseconds, order++)), Arrive);
        if (drops is not null) link.Drops = datagram => drops(NumberOf(datagram));
        for (int i = 0; i < count; i++)
        {
            var bytes = new byte[100];
            bytes[0] = 0x80;                               // as RTP
            BitConverter.TryWriteBytes(bytes.AsSpan(4), i);
            link.Send(start + spacing * i, new Datagram(Here, There, bytes));
        }

        while (agenda.TryDequeue(out Action? action, out (long At, int Order) next))
        {
            now = new MediaTime(next.At);
            action();
        }

        return arrived;

        void Arrive(Datagram datagram)
        {
            int number = NumberOf(datagram);
            arrived.Add((number, now - (start + spacing * number)));
        }
    }

    private static int NumberOf(Datagram datagram) => BitConverter.ToInt32(datagram.Bytes, 4);
}
