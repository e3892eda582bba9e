namespace Sfu.Recordings.Derivations;

/// <summary>Hands the keys of one recording to the program that derives.</summary>
public interface IDerivationKeys
{
    /// <summary>Which keys are needed: those of what lies in signed segments, and whether they can be had.</summary>
    /// <param name="evidence">The evidence folder.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>Writes them to a stream, a line each as docs/derivation.md has it, without the empty line behind them; the result is how many.</returns>
    /// <exception cref="DerivationException">There is no evidence, or no key of it.</exception>
    Task<Func<Stream, CancellationToken, Task<int>>> FindAsync(string evidence, CancellationToken cancellation);
}
