namespace Sfu.Verify;

/// <summary>A file is not what the format says. Never leaves the verifier: loaders turn it into a finding.</summary>
internal sealed class MalformedException(string message) : Exception(message);
