namespace Sfu.Fuzz;

/// <summary>One parser, or a chain of them, with what must hold for every input.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Name in results and filters.</summary>
    public abstract string Name { get; }

    /// <summary>Folder of extra seeds.</summary>
    public abstract string SeedKind { get; }

    /// <summary>True for lines of text: mutated by lines, words and numbers too.</summary>
    public virtual bool IsText => false;

    /// <summary>Longest input made; the seeds may be longer.</summary>
    public virtual int MaxLength => 1500;

    /// <summary>Managed bytes one input of a length may allocate. Packet paths allocate nothing; the rest is for what happens once.</summary>
    public virtual long AllocationLimit(int length) => 2048;

    /// <summary>Time one input may take on an undisturbed core.</summary>
    public virtual TimeSpan TimeLimit => TimeSpan.FromMilliseconds(50);

    /// <summary>Inputs to begin with, in a fixed order.</summary>
    public abstract IEnumerable<byte[]> Seeds();

    /// <summary>Runs one input; throws when something does not hold.</summary>
    /// <returns>What the input made happen, as a number: an input that makes something new happen is mutated further.</returns>
    public abstract long Run(ReadOnlySpan<byte> input);

    /// <summary>May restore what a mutation always breaks, such as a checksum.</summary>
    /// <returns>The input's new length, not above the old one.</returns>
    public virtual int Repair(Span<byte> input, FuzzRandom random) => input.Length;
}
