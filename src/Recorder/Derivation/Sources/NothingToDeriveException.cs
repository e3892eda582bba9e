namespace Sfu.Recorder.Derivation.Sources;

/// <summary>The evidence is good, but has nothing of what is wanted: no such track, or no picture or sound came on it.</summary>
/// <param name="message">What is missing.</param>
public sealed class NothingToDeriveException(string message) : EvidenceException(message);
