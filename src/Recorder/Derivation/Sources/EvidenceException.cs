namespace Sfu.Recorder.Derivation.Sources;

/// <summary>The evidence cannot be derived from: nothing there, or not what its manifests say.</summary>
/// <param name="message">What is wrong, with the file.</param>
public class EvidenceException(string message) : IOException(message);
