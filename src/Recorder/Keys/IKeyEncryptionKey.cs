namespace Sfu.Recorder.Keys;

/// <summary>Wraps the keys of tracks: a file here, a key management service elsewhere.</summary>
/// <remarks>Safe for calls from several threads. May take a while; the recorder calls it once a minute and track.</remarks>
public interface IKeyEncryptionKey
{
    /// <summary>Which key it is; stored beside what it wrapped. At most 64 characters.</summary>
    string Id { get; }

    /// <summary>Wraps a key.</summary>
    /// <param name="id">What the key is for; authenticated with it.</param>
    /// <param name="key">32 bytes.</param>
    /// <param name="wrapped">Takes nonce 12 ‖ cipher 32 ‖ tag 16.</param>
    void Wrap(TrackKeyId id, ReadOnlySpan<byte> key, Span<byte> wrapped);

    /// <summary>Unwraps a key.</summary>
    /// <param name="id">What it is for.</param>
    /// <param name="wrapped">60 bytes.</param>
    /// <param name="key">Takes 32 bytes.</param>
    /// <returns>False when it was wrapped by another key, or for something else.</returns>
    bool TryUnwrap(TrackKeyId id, ReadOnlySpan<byte> wrapped, Span<byte> key);
}
