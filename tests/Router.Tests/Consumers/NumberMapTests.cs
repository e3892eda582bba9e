using CsCheck;
using Sfu.Router.Consumers;

namespace Sfu.Router.Tests.Consumers;

public sealed class NumberMapTests
{
    [Fact]
    public void Map_NumbersLeftOut_CloseUp()
    {
        var map = new NumberMap();
        var line = new NumberLine();
        map.Start(ref line, 100, 7);
        Assert.Equal(7, Mapped(map, ref line, 100));
        Assert.True(map.TryLeaveOut(ref line, 101));
        Assert.True(map.TryLeaveOut(ref line, 102));
        Assert.Equal(8, Mapped(map, ref line, 103));
        Assert.Equal(MappedNumber.LeftOut, map.Map(ref line, 101, out _));
        Assert.Equal(MappedNumber.LeftOut, map.Map(ref line, 102, out _));
        Assert.Equal(7, Mapped(map, ref line, 100));
    }

    [Fact]
    public void Map_LateNumber_GetsTheReservedPlace()
    {
        var map = new NumberMap();
        var line = new NumberLine();
        map.Start(ref line, 100, 7);
        Mapped(map, ref line, 100);
        Assert.True(map.TryLeaveOut(ref line, 103));
        Assert.Equal(10, Mapped(map, ref line, 104));
        Assert.Equal(8, Mapped(map, ref line, 101));
        Assert.False(map.TryLeaveOut(ref line, 102));
        Assert.Equal(9, Mapped(map, ref line, 102));
    }

    [Fact]
    public void Map_OlderThanTheStart_IsTooOld()
    {
        var map = new NumberMap();
        var line = new NumberLine();
        map.Start(ref line, 100, 7);
        Assert.Equal(MappedNumber.TooOld, map.Map(ref line, 99, out _));
    }

    [Fact]
    public void Map_JumpOverALongGap_LeavesNoHole()
    {
        var map = new NumberMap();
        var line = new NumberLine();
        map.Start(ref line, 100, 7);
        Mapped(map, ref line, 100);
        Assert.Equal(8, Mapped(map, ref line, 100 + NumberMap.MaxGap + 1));
        Assert.Equal(MappedNumber.LeftOut, map.Map(ref line, 500, out _));
    }

    [Fact]
    public void Map_RandomLossReorderAndLeavingOut_IsInjectiveStableAndKeepsOrder() =>
        Gen.Select(Gen.Int[-6, 8], Gen.Bool, Gen.Int[0, 60]).Array[1, 400].Sample(steps =>
        {
            var map = new NumberMap();
            var line = new NumberLine();
            long incoming = 70_000;
            map.Start(ref line, incoming, 65_530);
            var sent = new SortedDictionary<long, long>();
            var used = new HashSet<long>();
            var leftOut = new HashSet<long>();
            long highest = incoming - 1, next = 65_530;
            foreach ((int step, bool leaves, int jump) in steps)
            {
                incoming += jump == 0 ? 1500 : step;
                if (sent.ContainsKey(incoming) || leftOut.Contains(incoming)) continue;
                bool isNewest = incoming > highest;
                long gap = isNewest ? incoming - highest - 1 : 0;
                if (leaves && map.TryLeaveOut(ref line, incoming))
                {
                    Assert.True(isNewest);
                    leftOut.Add(incoming);
                    if (gap < NumberMap.MaxGap) next += gap;
                }
                else if (map.Map(ref line, incoming, out long outgoing) == MappedNumber.Mapped)
                {
                    Assert.True(used.Add(outgoing), "a number is given out once");
                    sent.Add(incoming, outgoing);
                    if (isNewest)
                    {
                        next += gap < NumberMap.MaxGap ? gap : 0;
                        Assert.Equal(next, outgoing);          // no hole but those of missing packets
                        next++;
                    }
                }
                else
                {
                    Assert.False(isNewest);
                }

                highest = Math.Max(highest, incoming);
            }

            Assert.Equal(sent.Values.Order(), sent.Values);
            foreach ((long number, long outgoing) in sent)
                if (map.Find(line, number, out long again) == MappedNumber.Mapped) Assert.Equal(outgoing, again);
        }, iter: 1000);

    private static long Mapped(NumberMap map, ref NumberLine line, long incoming)
    {
        Assert.Equal(MappedNumber.Mapped, map.Map(ref line, incoming, out long outgoing));
        return outgoing;
    }
}
