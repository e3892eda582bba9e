namespace Sfu.Recordings.Derivations;

/// <summary>A process without a recorder has no keys.</summary>
internal sealed class NoDerivationKeys : IDerivationKeys
{
    /// <inheritdoc/>
    public Task<Func<Stream, CancellationToken, Task<int>>> FindAsync(string evidence, CancellationToken cancellation) =>
        throw new DerivationException(DerivationFailure.KeysMissing, "The keys of recordings are not on this machine.");
}
