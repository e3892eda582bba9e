namespace Sfu.Recorder.Segments;

/// <summary>Extended sequence numbers from one to another, both included.</summary>
/// <param name="First">Lowest number (RFC 3550 appendix A.1: cycles in the upper 16 bits).</param>
/// <param name="Last">Highest number, not below <paramref name="First"/>.</param>
public readonly record struct SequenceRange(uint First, uint Last)
{
    /// <summary>Numbers in it, at least 1.</summary>
    public long Count => (long)Last - First + 1;
}
