using CsCheck;
using Sfu.Media;
using Sfu.Router.Producers;

namespace Sfu.Router.Tests.Producers;

public sealed class ArrivalFilterTests
{
    [Fact]
    public void Accept_AnyOrder_TakesEachNumberOnce() =>
        Gen.Int[-2500, 2500].Array[1, 300].Sample(steps =>
        {
            var filter = new ArrivalFilter();
            var seen = new HashSet<long>();
            long highest = long.MinValue, index = 10_000;
            foreach (int step in steps)
            {
                index += step;
                DropReason expected = highest != long.MinValue && index <= highest - 2048 ? DropReason.TooOld
                    : seen.Add(index) ? DropReason.None
                    : DropReason.Duplicate;
                Assert.Equal(expected, filter.Accept(index));
                if (expected == DropReason.None) highest = Math.Max(highest, index);
            }
        }, iter: 1000);
}
