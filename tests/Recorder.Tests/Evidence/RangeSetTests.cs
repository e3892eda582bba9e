using CsCheck;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Tests.Evidence;

public sealed class RangeSetTests
{
    [Fact]
    public void Add_AnyRanges_HoldsTheirNumbersOnceAndInOrder() =>
        Gen.Select(Gen.UInt[0, 60], Gen.UInt[0, 8]).Array[0, 30].Sample(parts =>
        {
            var (set, model) = (new RangeSet(), new HashSet<uint>());
            foreach ((uint first, uint more) in parts)
            {
                set.Add(new SequenceRange(first, first + more));
                for (uint i = first; i <= first + more; i++) model.Add(i);
            }
            Assert.Equal(model.Count, set.Count);
            Assert.All(Enumerable.Range(0, 80), i => Assert.Equal(model.Contains((uint)i), set.Contains((uint)i)));
            for (int i = 1; i < set.Ranges.Count; i++) Assert.True(set.Ranges[i - 1].Last + 1 < set.Ranges[i].First);
            uint[] missing = [.. set.Missing(new SequenceRange(3, 70)).SelectMany(range => Enumerable.Range((int)range.First, (int)range.Count)).Select(i => (uint)i)];
            Assert.Equal(Enumerable.Range(3, 68).Select(i => (uint)i).Where(i => !model.Contains(i)), missing);
        });

    [Fact]
    public void Add_UpToTheHighestNumber_DoesNotWrap()
    {
        var set = new RangeSet();
        set.Add(new SequenceRange(uint.MaxValue - 1, uint.MaxValue));
        set.Add(new SequenceRange(0, 0));

        Assert.Equal(3, set.Count);
        Assert.Equal([new SequenceRange(1, uint.MaxValue - 2)], set.Missing(new SequenceRange(0, uint.MaxValue)));
    }
}
