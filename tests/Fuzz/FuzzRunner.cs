using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Sfu.Fuzz;

/// <summary>What a run came to.</summary>
/// <param name="Seed">Repeats it.</param>
/// <param name="Executions">Inputs run.</param>
/// <param name="Behaviours">Different things the inputs made happen.</param>
/// <param name="Elapsed">Time taken.</param>
internal sealed record FuzzResult(ulong Seed, long Executions, int Behaviours, TimeSpan Elapsed);

/// <summary>Runs one target: its seeds first, then mutations of them until the time is over.</summary>
/// <remarks>The loop has a thread of its own, so that an input that never ends can be named by the one who waits.</remarks>
internal sealed class FuzzRunner(FuzzTarget target, ulong seed)
{
    private const int MaxCorpus = 4096;
    private const int MaxBehaviours = 65_536;
    private const int HangSeconds = 20;

    private readonly List<byte[]> _corpus = [];
    private readonly HashSet<long> _behaviours = [];
    private readonly FuzzRandom _random = new(seed);
    private byte[] _current = [];
    private int _currentLength;
    private long _executions;

    /// <summary>Runs for a time.</summary>
    /// <exception cref="FuzzFailureException">An input broke an oracle, or does not end; the message repeats it.</exception>
    public FuzzResult Run(TimeSpan budget) => OnThread(() =>
    {
        var clock = Stopwatch.StartNew();
        LoadSeeds();
        var mutator = new Mutator(_random, target.IsText, target.MaxLength);
        while (clock.Elapsed < budget)
        {
            byte[] from = _corpus[_random.Below(_corpus.Count)], other = _corpus[_random.Below(_corpus.Count)];
            Span<byte> input = mutator.Mutate(from, other);
            input = input[..target.Repair(input, _random)];
            if (Execute(input) && _corpus.Count < MaxCorpus) _corpus.Add(input.ToArray());
        }
        return new FuzzResult(seed, _executions, _behaviours.Count, clock.Elapsed);
    });

    /// <summary>Runs one input.</summary>
    public void Replay(byte[] input) => OnThread(() =>
    {
        foreach (byte[] known in target.Seeds().Take(20)) target.Run(known);   // what is allocated once is not this input's
        return Execute(input);
    });

    private void LoadSeeds()
    {
        _corpus.AddRange(target.Seeds());
        _corpus.AddRange(FuzzOptions.ExtraSeeds(target.SeedKind));
        Oracle.That(_corpus.Count > 0, $"{target.Name} has no seed");
        foreach (byte[] known in _corpus)
        {
            Remember(known);
            Guarded(known);
        }
        foreach (byte[] known in _corpus) Execute(known);
    }

    /// <returns>True when the input made something new happen.</returns>
    private bool Execute(ReadOnlySpan<byte> input)
    {
        Remember(input);
        Volatile.Write(ref _executions, _executions + 1);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        long behaviour = Guarded(input);
        TimeSpan taken = Stopwatch.GetElapsedTime(started);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (allocated > target.AllocationLimit(input.Length) && AllocatesAgain(input, out allocated))
            throw Failure($"{allocated} bytes were allocated, {target.AllocationLimit(input.Length)} are allowed", null);
        if (taken > target.TimeLimit && IsSlowAgain(input, out taken))
            throw Failure($"it took {taken.TotalMilliseconds:F0} ms, {target.TimeLimit.TotalMilliseconds:F0} are allowed", null);
        return _behaviours.Count < MaxBehaviours && _behaviours.Add(behaviour);
    }

    private long Guarded(ReadOnlySpan<byte> input)
    {
        try
        {
            return target.Run(input);
        }
        catch (Exception e)
        {
            throw Failure(e is FuzzFailureException ? e.Message : e.ToString(), e);
        }
    }

    // The first run of a path may pay for what exists only once.
    private bool AllocatesAgain(ReadOnlySpan<byte> input, out long allocated)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Guarded(input);
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated > target.AllocationLimit(input.Length);
    }

    // The machine is shared: only what is slow every time is the input's fault.
    private bool IsSlowAgain(ReadOnlySpan<byte> input, out TimeSpan best)
    {
        best = TimeSpan.MaxValue;
        for (int i = 0; i < 10 && best > target.TimeLimit; i++)
        {
            long started = Stopwatch.GetTimestamp();
            Guarded(input);
            TimeSpan taken = Stopwatch.GetElapsedTime(started);
            if (taken < best) best = taken;
        }
        return best > target.TimeLimit;
    }

    private void Remember(ReadOnlySpan<byte> input)
    {
        if (_current.Length < input.Length) _current = new byte[input.Length * 2];
        input.CopyTo(_current);
        _currentLength = input.Length;
    }

    private FuzzFailureException Failure(string what, Exception? inner)
    {
        string hex = Convert.ToHexString(_current, 0, _currentLength);
        return new FuzzFailureException(
            $"""
            fuzz target {target.Name}: {what}
            input ({_currentLength} bytes): {hex}
            replay: SFU_FUZZ_INPUT={hex} dotnet test tests/Fuzz -c Release --filter "DisplayName~{target.Name}"
            whole run: SFU_FUZZ_SEED={seed}, execution {_executions}
            """,
            inner);
    }

    private T OnThread<T>(Func<T> work)
    {
        T? result = default;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = e;
            }
        })
        { IsBackground = true, Name = $"fuzz {target.Name}" };
        thread.Start();
        long seen = -1;
        for (var still = Stopwatch.StartNew(); !thread.Join(TimeSpan.FromMilliseconds(200));)
        {
            long now = Volatile.Read(ref _executions);
            if (now != seen) still.Restart();
            else if (still.Elapsed.TotalSeconds > HangSeconds) throw Failure($"it has not ended after {HangSeconds} s", null);
            seen = now;
        }
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
        return result!;
    }
}
