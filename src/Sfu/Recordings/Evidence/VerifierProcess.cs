using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Sfu.Recordings.Evidence;

/// <summary>Runs <c>sfu-verify</c>, the executable beside the server: the same program that others check with.</summary>
internal sealed class VerifierProcess(TimeProvider time, ILogger<VerifierProcess> logger) : IRecordingVerifier, IDisposable
{
    /// <summary>Verdicts by exit code (docs/evidence.md section 7).</summary>
    internal static readonly string[] Verdicts =
    [
        "VALID_COMPLETE", "VALID_WITH_GAPS", "TRUNCATED", "TAMPERED", "UNKNOWN_KEY", "TIME_UNATTESTED", "REDACTED_AS_DECLARED", "INPUT_ERROR",
    ];

    private const int MaxOutput = 16 * 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Hashing a long call takes a core: one at a time.
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>The executable; another one in tests.</summary>
    public string Program { get; init; } = CompanionProgram.PathOf("sfu-verify");

    /// <inheritdoc/>
    public async Task<Verification?> VerifyAsync(string folder, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await _one.WaitAsync(both.Token);
            try
            {
                return await RunAsync(folder, both.Token);
            }
            finally
            {
                _one.Release();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or Win32Exception or IOException or JsonException or InvalidDataException)
        {
            cancellation.ThrowIfCancellationRequested();
            logger.VerifierDidNotAnswer(e, folder);
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<Verification> RunAsync(string folder, CancellationToken cancellation)
    {
        using Process process = Process.Start(CompanionProgram.StartOf(Program, [folder, "--json"])) ?? throw new IOException($"{Program} did not start.");
        try
        {
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
            string output = await ReadAsync(process.StandardOutput, cancellation);
            await errors;
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode < 0 || process.ExitCode >= Verdicts.Length) throw new InvalidDataException($"{Program} ended with {process.ExitCode}.");
            using JsonDocument document = JsonDocument.Parse(output);
            JsonElement findings = document.RootElement.TryGetProperty("findings", out JsonElement found) ? found : document.RootElement;
            return new Verification(Verdicts[process.ExitCode], findings.Clone());
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellation)
    {
        var text = new System.Text.StringBuilder();
        char[] buffer = new char[8192];
        for (int read; (read = await reader.ReadAsync(buffer, cancellation)) > 0;)
        {
            if (text.Length + read > MaxOutput) throw new InvalidDataException("The verifier says too much.");
            text.Append(buffer, 0, read);
        }

        return text.ToString();
    }
}
