namespace Sfu.Recorder.Derivation.Sources;

/// <summary>A file that a derivation was made from.</summary>
/// <param name="Name">Its path in the evidence folder.</param>
/// <param name="Bytes">Its size when it was read.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record SourceObject(string Name, long Bytes, string Sha256);
