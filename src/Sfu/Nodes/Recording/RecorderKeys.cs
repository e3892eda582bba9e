using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Sfu.Recorder.Keys;
using Sfu.Recorder.Reading;
using Sfu.Recordings.Derivations;

namespace Sfu.Nodes.Recording;

/// <summary>Keys out of this process's vault, for what derives; the vault itself is not handed out.</summary>
internal sealed class RecorderKeys(RecorderService recorder) : IDerivationKeys
{
    /// <inheritdoc/>
    public async Task<Func<Stream, CancellationToken, Task<int>>> FindAsync(string evidence, CancellationToken cancellation)
    {
        IReadOnlyCollection<TrackKeyId> needed = await Task.Run(() => Needed(evidence, cancellation), cancellation).ConfigureAwait(false);
        if (needed.Count == 0) throw new DerivationException(DerivationFailure.NoEvidence, "No segment of the recording is signed yet.");
        (IKeyVault vault, IKeyEncryptionKey kek) = Open();
        return (output, token) => EvidenceKeys.WriteAsync(output, needed, vault, kek, token);
    }

    private static IReadOnlyCollection<TrackKeyId> Needed(string evidence, CancellationToken cancellation)
    {
        try
        {
            return EvidenceKeys.Of(evidence, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DerivationException(DerivationFailure.EvidenceUnreadable, "The evidence cannot be read.", e);
        }
    }

    private (IKeyVault Vault, IKeyEncryptionKey Kek) Open()
    {
        try
        {
            return recorder.TryOpenKeys() ?? throw new DerivationException(DerivationFailure.KeysMissing, "The keys of recordings are not on this machine.");
        }
        catch (Exception e) when (e is CryptographicException or SqliteException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DerivationException(DerivationFailure.KeysMissing, "The keys of recordings cannot be opened.", e);
        }
    }
}
