using System.Security.Cryptography;
using Sfu.Recorder.Evidence;

namespace Sfu.Recorder.Keys;

/// <summary>A key-encryption key of 32 random bytes in a file that only the owner may read.</summary>
/// <remarks>For development and single machines: who has the machine has the key.</remarks>
public sealed class FileKeyEncryptionKey : IKeyEncryptionKey, IDisposable
{
    private const int NonceSize = 12;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly Lock _lock = new();                       // AesGcm is not made for two threads at once
    private readonly AesGcm _gcm;

    private FileKeyEncryptionKey(ReadOnlySpan<byte> key)
    {
        _gcm = new AesGcm(key, WrappedTag);
        Id = "file-" + Convert.ToHexStringLower(SHA256.HashData([.. "sfu-kek"u8, .. key]).AsSpan(0, 8));
    }

    /// <inheritdoc/>
    public string Id { get; }

    private static int WrappedTag => TrackKeyId.WrappedSize - NonceSize - TrackKeyId.KeySize;

    /// <summary>Reads the key, or makes it when there is no file; throws when the file is no key or is readable by others.</summary>
    public static FileKeyEncryptionKey Open(string path)
    {
        if (!File.Exists(path))
        {
            DurableFile.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
            byte[] made = RandomNumberGenerator.GetBytes(TrackKeyId.KeySize);
            DurableFile.Write(path, made, secret: true);
            CryptographicOperations.ZeroMemory(made);
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
            throw new CryptographicException($"{path} may be read by others: chmod 600 it.");
        byte[] key = File.ReadAllBytes(path);
        try
        {
            if (key.Length != TrackKeyId.KeySize) throw new CryptographicException($"{path} has {key.Length} bytes; a key has {TrackKeyId.KeySize}.");
            return new FileKeyEncryptionKey(key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <inheritdoc/>
    public void Wrap(TrackKeyId id, ReadOnlySpan<byte> key, Span<byte> wrapped)
    {
        Span<byte> context = stackalloc byte[TrackKeyId.Size];
        id.Write(context);
        RandomNumberGenerator.Fill(wrapped[..NonceSize]);
        lock (_lock)
        {
            _gcm.Encrypt(
                wrapped[..NonceSize], key, wrapped.Slice(NonceSize, TrackKeyId.KeySize), wrapped.Slice(NonceSize + TrackKeyId.KeySize, WrappedTag), context);
        }
    }

    /// <inheritdoc/>
    public bool TryUnwrap(TrackKeyId id, ReadOnlySpan<byte> wrapped, Span<byte> key)
    {
        if (wrapped.Length != TrackKeyId.WrappedSize) return false;
        Span<byte> context = stackalloc byte[TrackKeyId.Size];
        id.Write(context);
        try
        {
            lock (_lock)
            {
                _gcm.Decrypt(
                    wrapped[..NonceSize], wrapped.Slice(NonceSize, TrackKeyId.KeySize), wrapped[(NonceSize + TrackKeyId.KeySize)..], key, context);
            }

            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gcm.Dispose();
}
