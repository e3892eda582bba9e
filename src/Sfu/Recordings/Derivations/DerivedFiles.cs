using System.Text.Json;
using Sfu.Recorder.Derivation;

namespace Sfu.Recordings.Derivations;

/// <summary>Reads what a run of <c>sfu-derive</c> made from its manifest.</summary>
internal static class DerivedFiles
{
    /// <summary>The files of a derivation, each of them there with the size that the manifest has.</summary>
    /// <exception cref="DerivationException">The folder is not what its manifest says.</exception>
    internal static async Task<IReadOnlyList<DerivedFile>> ReadAsync(string folder, CancellationToken cancellation)
    {
        try
        {
            byte[] json = await File.ReadAllBytesAsync(Path.Combine(folder, DerivationManifest.FileName), cancellation);
            return [.. DerivationManifest.Read(json).Files.Select(file => Check(folder, file))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DerivationException(DerivationFailure.ProgramFailed, "The program that makes files left none.", e);
        }
    }

    private static DerivedFile Check(string folder, Recorder.Derivation.DerivedFile file)
    {
        if (file.Name.Length == 0 || Path.GetFileName(file.Name) != file.Name) throw new IOException($"'{file.Name}' is no name of a file");
        if (new FileInfo(Path.Combine(folder, file.Name)).Length != file.Bytes) throw new IOException($"{file.Name} has another size than its manifest says");
        return new DerivedFile(file.Name, file.Bytes, file.Sha256, file.Track, file.StartMs, file.DurationMs);
    }
}
