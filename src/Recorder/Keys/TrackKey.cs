using System.Security.Cryptography;
using Sfu.Media.Time;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Keys;

/// <summary>The key that seals one track now, and when the next one is due.</summary>
/// <remarks>Owned by the recorder's thread. The plain key exists only inside the cipher object.</remarks>
internal sealed class TrackKey : IDisposable
{
    /// <summary>How long one key seals.</summary>
    internal static readonly TimeSpan Span = TimeSpan.FromSeconds(60);

    private TrackKey(WrappedKey wrapped, AesGcm gcm, MediaTime until) => (Wrapped, Gcm, Until) = (wrapped, gcm, until);

    /// <summary>As it goes into the log before its first use.</summary>
    internal WrappedKey Wrapped { get; }

    /// <summary>Seals.</summary>
    internal AesGcm Gcm { get; }

    /// <summary>From then on another key is needed.</summary>
    internal MediaTime Until { get; }

    /// <summary>Makes a random key.</summary>
    internal static TrackKey Make(IKeyEncryptionKey kek, TrackKeyId id, MediaTime now)
    {
        Span<byte> key = stackalloc byte[TrackKeyId.KeySize];
        RandomNumberGenerator.Fill(key);
        byte[] wrapped = new byte[TrackKeyId.WrappedSize];
        kek.Wrap(id, key, wrapped);
        var made = new TrackKey(new WrappedKey(id, kek.Id, wrapped), new AesGcm(key, ChunkFormat.TagSize), now + Span);
        CryptographicOperations.ZeroMemory(key);
        return made;
    }

    /// <inheritdoc/>
    public void Dispose() => Gcm.Dispose();
}
