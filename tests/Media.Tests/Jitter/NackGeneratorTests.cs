using CsCheck;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Jitter;

[Collection("alone")]
public sealed class NackGeneratorTests
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(40);

    private static readonly MediaTime Start = MediaTime.FromSeconds(10);

    private static ushort[] Poll(NackGenerator nack, MediaTime now, int room = 64)
    {
        var due = new SequenceNumber[room];
        return [.. due.Take(nack.Poll(now, RoundTrip, due)).Select(number => number.Value)];
    }

    private static MediaTime After(double milliseconds) => Start + TimeSpan.FromMilliseconds(milliseconds);

    [Fact]
    public void Poll_Gap_AsksAfterTheReorderWait()
    {
        var nack = new NackGenerator(NackLimits.Default);
        nack.OnPacket(Start, 65_534);
        nack.OnPacket(Start, 65_538);                                  // 65,535, 0 and 1 are missing

        Assert.Equal(3, nack.MissingCount);
        Assert.Equal(After(5), nack.NextDeadline);
        Assert.Empty(Poll(nack, After(4)));
        Assert.Equal([65_535, 0, 1], Poll(nack, After(5)));
        Assert.Empty(Poll(nack, After(6)));
    }

    [Fact]
    public void OnPacket_ReorderedBeforeTheWaitEnds_IsNeverAskedFor()
    {
        var nack = new NackGenerator(NackLimits.Default);
        nack.OnPacket(Start, 1);
        nack.OnPacket(Start, 3);

        Assert.True(nack.OnPacket(After(2), 2));
        Assert.False(nack.OnPacket(After(2), 2));
        Assert.Equal(MediaTime.Never, nack.NextDeadline);
        Assert.Empty(Poll(nack, After(100)));
    }

    [Fact]
    public void Poll_NotRepaired_AsksAgainEachRoundTripThenGivesUp()
    {
        var limits = new NackLimits(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(10), 3);
        var nack = new NackGenerator(limits);
        nack.OnPacket(Start, 1);
        nack.OnPacket(Start, 3);
        var asked = new List<double>();
        for (MediaTime now = nack.NextDeadline; !now.IsNever; now = nack.NextDeadline)
        {
            if (Poll(nack, now).Length > 0) asked.Add((now - Start).TotalMilliseconds);
        }

        Assert.Equal([5, 55, 105], asked);                             // a retry waits 1.25 round trips
        Assert.True(nack.TakeGivenUp());
        Assert.False(nack.TakeGivenUp());
        Assert.Equal((0, 1), (nack.MissingCount, nack.GivenUpCount));
    }

    [Fact]
    public void Poll_OlderThanTheLimit_GivesUpThoughTriesAreLeft()
    {
        var nack = new NackGenerator(new NackLimits(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(60), 10));
        nack.OnPacket(Start, 1);
        nack.OnPacket(Start, 3);
        Assert.Single(Poll(nack, After(5)));
        Assert.Single(Poll(nack, After(55)));
        Assert.Equal(After(60), nack.NextDeadline);

        Assert.Empty(Poll(nack, After(60)));
        Assert.True(nack.TakeGivenUp());
    }

    [Fact]
    public void Poll_MoreThanFits_GivesTheRestAtOnce()
    {
        var nack = new NackGenerator(NackLimits.Default);
        nack.OnPacket(Start, 0);
        nack.OnPacket(Start, 101);

        Assert.Equal(Enumerable.Range(1, 64).Select(number => (ushort)number), Poll(nack, After(5)));
        Assert.True(nack.NextDeadline <= After(5));
        Assert.Equal(Enumerable.Range(65, 36).Select(number => (ushort)number), Poll(nack, After(5)));
        Assert.Equal(After(55), nack.NextDeadline);
    }

    [Fact]
    public void OnPacket_JumpBeyondTheWindow_GivesUpAtOnce()
    {
        var nack = new NackGenerator(NackLimits.Default);
        nack.OnPacket(Start, 1);
        nack.OnPacket(Start, 2 + NackGenerator.Window);

        Assert.True(nack.TakeGivenUp());
        Assert.Equal((0, NackGenerator.Window), (nack.MissingCount, nack.GivenUpCount));
        Assert.Equal(MediaTime.Never, nack.NextDeadline);
        nack.OnPacket(Start, 4 + NackGenerator.Window);                // and it goes on
        Assert.Equal([(ushort)(3 + NackGenerator.Window)], Poll(nack, After(5)));
    }

    [Fact]
    public void ForgetBefore_KeyFrame_AsksOnlyForWhatFollows()
    {
        var nack = new NackGenerator(NackLimits.Default);
        nack.OnPacket(Start, 1);
        nack.OnPacket(Start, 5);
        nack.ForgetBefore(4);

        Assert.Equal([4], Poll(nack, After(5)));
        Assert.False(nack.TakeGivenUp());
    }

    // A set of 64-bit numbers is the model: missing = between first and highest, in the window, not come, not given up.
    [Fact]
    public void MissingCount_AnyArrivals_IsTheModels() =>
        Gen.Select(Gen.Int[0, 70_000], Gen.Frequency((100, Gen.Int[-6, 6]), (1, Gen.Int[-1100, 1100])).Array[1, 150], Gen.Int[1, 30]).Sample(
            (start, steps, waitMs) =>
            {
                var nack = new NackGenerator(NackLimits.Default);
                var due = new SequenceNumber[NackGenerator.Window];
                var missing = new SortedDictionary<long, (MediaTime Since, MediaTime Next, int Tries)>();
                var retry = TimeSpan.FromMilliseconds(50);
                MediaTime now = Start;
                long highest = start;
                long givenUp = 0;
                nack.OnPacket(now, start);
                foreach (int step in steps)
                {
                    long sequence = highest + step;
                    bool wasMissing = missing.Remove(sequence);
                    if (step > NackGenerator.Window)
                    {
                        givenUp += missing.Count + step - 1;
                        missing.Clear();
                    }
                    else
                    {
                        for (long i = highest + 1; i < sequence; i++) missing[i] = (now, now + NackLimits.Default.ReorderWait, 0);
                    }

                    if (step > 0)
                    {
                        highest = sequence;
                        foreach (long old in missing.Keys.Where(number => number <= highest - NackGenerator.Window).ToArray())
                        {
                            missing.Remove(old);
                            givenUp++;
                        }
                    }

                    if (nack.OnPacket(now, sequence) != wasMissing || nack.MissingCount != missing.Count || nack.GivenUpCount != givenUp) return false;
                    now += TimeSpan.FromMilliseconds(waitMs);
                    int count = nack.Poll(now, RoundTrip, due);
                    var expected = new List<ushort>();
                    foreach (long number in missing.Keys.ToArray())
                    {
                        var (since, next, tries) = missing[number];
                        if ((tries >= 10 && now >= next) || now - since >= NackLimits.Default.GiveUpAfter)
                        {
                            missing.Remove(number);
                            givenUp++;
                        }
                        else if (now >= next)
                        {
                            expected.Add((ushort)number);
                            missing[number] = (since, now + retry, tries + 1);
                        }
                    }

                    if (!expected.SequenceEqual(due.Take(count).Select(number => number.Value))) return false;
                    if (nack.MissingCount != missing.Count || nack.GivenUpCount != givenUp) return false;
                    MediaTime deadline = missing.Count == 0
                        ? MediaTime.Never
                        : missing.Values.Min(entry => MediaTime.Min(entry.Next, entry.Since + NackLimits.Default.GiveUpAfter));
                    if (nack.NextDeadline.IsNever != deadline.IsNever || nack.NextDeadline > deadline) return false;
                }

                return nack.TakeGivenUp() == givenUp > 0;
            },
            iter: 200);

    [Fact]
    public void OnPacketAndPoll_100000PacketsWithLoss_AllocateNothing()
    {
        var nack = new NackGenerator(NackLimits.Default);
        var due = new SequenceNumber[64];
        long asked = 0;
        long allocated = Allocations.Of(100_000, i =>
        {
            MediaTime now = MediaTime.FromMilliseconds(i);
            if (i % 10 != 7) nack.OnPacket(now, i);
            if (nack.NextDeadline <= now) asked += nack.Poll(now, RoundTrip, due);
        });

        Assert.Equal(0, allocated);
        Assert.True(asked > 90_000, $"{asked}");                       // 10,000 lost, each asked for 10 times
    }
}
