namespace Sfu.Verify;

/// <summary>One thing that was found.</summary>
/// <param name="Code">Closed set of names, such as <c>chunk_changed</c>.</param>
/// <param name="Verdict">What it makes of the whole; <see cref="Verdict.ValidComplete"/> when it is only worth knowing.</param>
/// <param name="File">The file, as path from the folder with forward slashes.</param>
/// <param name="Chunk">Number of the chunk, where it applies.</param>
/// <param name="Offset">Byte in the file, where it applies.</param>
/// <param name="Detail">A sentence for people.</param>
public sealed record Finding(string Code, Verdict Verdict, string File, ulong? Chunk, long? Offset, string Detail)
{
    /// <summary><c>error</c>, <c>warning</c> or <c>info</c>.</summary>
    public string Severity => Verdict switch
    {
        Verdict.Tampered or Verdict.UnknownKey or Verdict.InputError => "error",
        Verdict.Truncated or Verdict.TimeUnattested => "warning",
        _ => "info",
    };
}
