using System.Diagnostics;

namespace Sfu.Fuzz;

/// <summary>The runner finds what it looks for: each planted fault is reported with the input that repeats it.</summary>
public sealed class FuzzRunnerTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);      // ends at the fault, far earlier

    [Fact]
    public void Run_ExceptionBehindTwoBytes_IsFoundAndRepeats()
    {
        var target = new Planted(input =>
        {
            if (input.Length < 2 || input[0] != 0x80) return 0;
            if (input[1] != 0xBE) return 1;                                    // new behaviour: kept and mutated further
            throw new InvalidOperationException("planted");
        });

        FuzzFailureException failure = Assert.Throws<FuzzFailureException>(() => new FuzzRunner(target, 1).Run(Long));

        Assert.Contains("planted", failure.Message, StringComparison.Ordinal);
        Assert.Contains("SFU_FUZZ_SEED=1,", failure.Message, StringComparison.Ordinal);
        byte[] input = InputOf(failure);
        Assert.Equal([0x80, 0xBE], input[..2]);
        Assert.Throws<FuzzFailureException>(() => new FuzzRunner(target, 2).Replay(input));
    }

    [Fact]
    public void Run_SameSeed_FindsTheSameInput()
    {
        var target = new Planted(input => input.Length > 3 && input[3] == 0x55 ? throw new InvalidOperationException("planted") : input.Length);

        byte[] first = InputOf(Assert.Throws<FuzzFailureException>(() => new FuzzRunner(target, 42).Run(Long)));
        byte[] second = InputOf(Assert.Throws<FuzzFailureException>(() => new FuzzRunner(target, 42).Run(Long)));

        Assert.Equal(first, second);
    }

    [Fact]
    public void Run_TooMuchAllocation_IsFound()
    {
        var target = new Planted(input => input.Length > 8 ? new byte[100_000].Length : 0);

        Assert.Contains("bytes were allocated", Assert.Throws<FuzzFailureException>(() => new FuzzRunner(target, 3).Run(Long)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_SlowEveryTime_IsFound()
    {
        var target = new Planted(input =>
        {
            // By the clock and not by a count: how long a count takes is the machine's affair.
            for (var clock = Stopwatch.StartNew(); input.Length > 8 && clock.Elapsed < 2 * Planted.Limit;)
            {
            }

            return input.Length > 8 ? 1 : 0;
        });

        Assert.Contains("it took", Assert.Throws<FuzzFailureException>(() => new FuzzRunner(target, 4).Run(Long)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_NothingPlanted_EndsWithItsTime()
    {
        FuzzResult result = new FuzzRunner(new Planted(input => input.Length), 5).Run(TimeSpan.FromMilliseconds(50));

        Assert.True(result.Executions > 1);
        Assert.Equal(5ul, result.Seed);
    }

    private static byte[] InputOf(FuzzFailureException failure)
    {
        const string Mark = "SFU_FUZZ_INPUT=";
        int at = failure.Message.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        return Convert.FromHexString(failure.Message[at..failure.Message.IndexOf(' ', at)]);
    }

    private delegate long Body(ReadOnlySpan<byte> input);

    private sealed class Planted(Body body) : FuzzTarget
    {
        public static TimeSpan Limit { get; } = TimeSpan.FromMilliseconds(20);

        public override string Name => "planted";

        public override TimeSpan TimeLimit => Limit;

        public override string SeedKind => "planted";

        public override int MaxLength => 64;

        public override IEnumerable<byte[]> Seeds() => [[1, 2, 3, 4]];

        public override long Run(ReadOnlySpan<byte> input) => body(input);
    }
}
