using CsCheck;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;

namespace Sfu.Media.Tests.Jitter;

public sealed class SequenceUnwrapperTests
{
    // The truth is a 64-bit number; what travels is its lower half-word. Steps stay below half the number space.
    [Fact]
    public void Unwrap_AnyWalkOfSmallSteps_FindsThe64BitTruth() =>
        Gen.Select(Gen.Int[0, 65_535], Gen.Int[-32_000, 32_000].Array[1, 200]).Sample(
            (start, steps) =>
            {
                var unwrapper = new SequenceUnwrapper();
                long highest = start;
                if (unwrapper.Unwrap(new SequenceNumber((ushort)start)) != start) return false;
                foreach (int step in steps)
                {
                    long truth = highest + step;
                    var number = new SequenceNumber((ushort)truth);
                    if (unwrapper.Peek(number) != truth || unwrapper.Highest != highest || unwrapper.Unwrap(number) != truth) return false;
                    highest = Math.Max(highest, truth);
                }

                return unwrapper.Highest == highest;
            },
            iter: 10_000);

    [Fact]
    public void Unwrap_NumberBeforeTheFirst_IsNegative()
    {
        var unwrapper = new SequenceUnwrapper();
        unwrapper.Unwrap(new SequenceNumber(0));

        Assert.Equal(-1, unwrapper.Unwrap(new SequenceNumber(65_535)));
        Assert.Equal(1, unwrapper.Unwrap(new SequenceNumber(1)));
    }

    [Fact]
    public void Unwrap_HalfTheSpaceAhead_CountsAsBehind()
    {
        var unwrapper = new SequenceUnwrapper();
        unwrapper.Unwrap(new SequenceNumber(40_000));

        Assert.Equal(40_000 + 32_767, unwrapper.Peek(new SequenceNumber(40_000 + 32_767 - 65_536)));
        Assert.Equal(40_000 - 32_768, unwrapper.Peek(new SequenceNumber(40_000 - 32_768)));
    }
}
