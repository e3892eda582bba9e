namespace Sfu.Recorder.Keys;

/// <summary>Where wrapped keys live: apart from the evidence, so that to destroy one is to erase what it sealed.</summary>
/// <remarks>Safe for calls from several threads.</remarks>
public interface IKeyVault
{
    /// <summary>Stores keys durably; one that is there already stays as it is. Throws when the disk refuses.</summary>
    void Store(IReadOnlyList<WrappedKey> keys);

    /// <summary>Finds a key; null when it was never stored, or destroyed.</summary>
    WrappedKey? Find(TrackKeyId id);
}
