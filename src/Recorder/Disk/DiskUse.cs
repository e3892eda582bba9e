namespace Sfu.Recorder.Disk;

/// <summary>How full a file system is, as <c>df</c> counts it: what only the superuser may take is neither used nor free.</summary>
/// <param name="Used">Bytes that are taken; not negative.</param>
/// <param name="Free">Bytes that this process may still take; not negative.</param>
public readonly record struct DiskUse(long Used, long Free)
{
    /// <summary>Bytes of both.</summary>
    public double Size => (double)Used + Free;

    /// <summary>The share that is taken, 0 to 1; 0 of a file system that says nothing of its size.</summary>
    public double Fraction => Size > 0 ? Used / Size : 0;
}
