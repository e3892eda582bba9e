using System.Text.Json;

namespace Sfu.Recordings.Evidence;

/// <summary>Runs the verifier that auditors run, on a recording of this server.</summary>
public interface IRecordingVerifier
{
    /// <summary>Checks one folder.</summary>
    /// <param name="folder">The evidence.</param>
    /// <param name="cancellation">Gives up; the process is ended.</param>
    /// <returns>What it found; null when the verifier is not there or did not end in time, which is logged.</returns>
    Task<Verification?> VerifyAsync(string folder, CancellationToken cancellation);
}

/// <summary>What the verifier found.</summary>
/// <param name="Verdict">One of the eight of docs/evidence.md section 7.</param>
/// <param name="Findings">As the verifier wrote them.</param>
public sealed record Verification(string Verdict, JsonElement Findings);
