namespace Sfu.Recorder.Derivation.Sources;

/// <summary>Gives out the keys of a recording, from the vault.</summary>
public interface ITrackKeys
{
    /// <summary>Finds a key.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="track">Track, 0 for the recording itself.</param>
    /// <param name="epoch">Key epoch.</param>
    /// <param name="key">Takes 32 bytes.</param>
    /// <returns>False when there is none: never stored, or destroyed.</returns>
    bool TryGet(Guid recording, uint track, uint epoch, Span<byte> key);
}
