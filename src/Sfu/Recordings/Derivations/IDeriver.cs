namespace Sfu.Recordings.Derivations;

/// <summary>Makes the files of one derivation, in a process of low priority: the seam to what derives.</summary>
public interface IDeriver
{
    /// <summary>Makes them.</summary>
    /// <param name="derivation">What is wanted.</param>
    /// <param name="evidence">Folder of the recording, an absolute path; it is only read.</param>
    /// <param name="output">An existing, empty folder for the files, <c>derived/{id}</c> of the evidence.</param>
    /// <param name="progress">Takes 0 to 1, now and then.</param>
    /// <param name="cancellation">The server stops: end the process; what was made is removed.</param>
    /// <returns>The files that were made, all of them in <paramref name="output"/> itself.</returns>
    /// <exception cref="DerivationException">It cannot be made; the message says why, for people.</exception>
    Task<IReadOnlyList<DerivedFile>> DeriveAsync(
        Derivation derivation, string evidence, string output, IProgress<double> progress, CancellationToken cancellation);
}
