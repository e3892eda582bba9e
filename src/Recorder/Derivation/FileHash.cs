using System.Security.Cryptography;

namespace Sfu.Recorder.Derivation;

/// <summary>Hashes whole files, which may be many gigabytes.</summary>
internal static class FileHash
{
    private const int Block = 1 << 20;

    /// <summary>Size and SHA-256 of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="alive">Called behind every megabyte; may throw to end it.</param>
    /// <returns>Bytes, and lower-case hexadecimal.</returns>
    internal static (long Bytes, string Sha256) Of(string path, Action? alive)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[Block];
        long bytes = 0;
        for (int read; (read = file.Read(block)) > 0; bytes += read)
        {
            hash.AppendData(block, 0, read);
            alive?.Invoke();
        }
        return (bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
