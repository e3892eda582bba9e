using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Sfu.Configuration;

namespace Sfu.Recordings.Derivations;

/// <summary>Runs <c>sfu-derive</c>, the executable beside the server, once for each derivation: a decoder that crashes takes no call with it.</summary>
/// <remarks>Keys go to the program's standard input and nowhere else. It ends when that is closed, so also when this process is killed.
/// It gets none of this process's settings.</remarks>
internal sealed class DeriverProcess(
    IDerivationKeys keys, IOptions<RecordingOptions> options, TimeProvider time, ILogger<DeriverProcess> logger) : IDeriver
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    /// <summary>The executable; another one in tests.</summary>
    public string Program { get; init; } = CompanionProgram.PathOf("sfu-derive");

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DerivedFile>> DeriveAsync(
        Derivation derivation, string evidence, string output, IProgress<double> progress, CancellationToken cancellation)
    {
        try
        {
            Func<Stream, CancellationToken, Task<int>> writeKeys = await keys.FindAsync(evidence, cancellation);
            await RunAsync(Start(derivation, evidence), writeKeys, progress, cancellation);
            return await DerivedFiles.ReadAsync(output, cancellation);
        }
        catch
        {
            Remove(output);
            throw;
        }
    }

    private Process Start(Derivation derivation, string evidence)
    {
        try
        {
            return Process.Start(CompanionProgram.StartOf(Program, Arguments(derivation, evidence))) ?? throw new Win32Exception();
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new DerivationException(DerivationFailure.ProgramMissing, "This server has no program that makes playable files.", e);
        }
    }

    /// <summary>The command line: what is wanted, and nothing secret.</summary>
    internal static IEnumerable<string> Arguments(Derivation derivation, string evidence)
    {
        (DerivationKind kind, int? track, DerivationLayout? layout, DerivationFormat? format) = derivation.Wish;
        yield return evidence;
        yield return "--replace";
        yield return "--id";
        yield return derivation.Id.ToString("D");
        yield return "--kind";
        yield return NameOf(kind);
        if (track is { } number && kind != DerivationKind.Composite)
        {
            yield return "--track";
            yield return number.ToString(CultureInfo.InvariantCulture);
        }

        if (format is { } container && kind != DerivationKind.Composite)
        {
            yield return "--format";
            yield return NameOf(container);
        }

        if (kind != DerivationKind.Composite) yield break;
        yield return "--layout";
        yield return layout == DerivationLayout.ActiveSpeaker ? "speaker" : "grid";
    }

    private async Task RunAsync(Process process, Func<Stream, CancellationToken, Task<int>> writeKeys, IProgress<double> progress, CancellationToken cancellation)
    {
        using Process owned = process;
        TimeSpan patience = options.Value.DerivationPatience;
        using var watchdog = new CancellationTokenSource(patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(watchdog.Token, cancellation);
        try
        {
            Task<string> errors = DeriverOutput.ReadTailAsync(process.StandardError, both.Token);
            Task<bool> given = GiveKeysAsync(process, writeKeys, both.Token);
            DeriverLine? last = null;
            await foreach (DeriverLine line in DeriverOutput.ReadAsync(process.StandardOutput, both.Token))
            {
                watchdog.CancelAfter(patience);
                if (line.Progress is { } share) progress.Report(share);
                else last = line;
            }

            bool hasKeys = await given;
            string said = await errors;
            await process.WaitForExitAsync(both.Token);
            if (process.ExitCode == 0 && last?.Folder is not null) return;
            if (!hasKeys) throw new DerivationException(DerivationFailure.KeysMissing, "The keys of this recording were destroyed.");
            throw Failure(process.ExitCode, last, said);
        }
        catch (OperationCanceledException) when (watchdog.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new DerivationException(
                DerivationFailure.Stalled, string.Create(CultureInfo.InvariantCulture, $"There was no progress for {patience.TotalSeconds:0} s; the program was ended."));
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidDataException)
        {
            throw new DerivationException(DerivationFailure.ProgramFailed, "The program that makes files said what nobody understands.", e);
        }
        finally
        {
            await EndAsync(process);
        }
    }

    /// <returns>False when not one key is left. The program then ends: its input is closed.</returns>
    private static async Task<bool> GiveKeysAsync(Process process, Func<Stream, CancellationToken, Task<int>> writeKeys, CancellationToken cancellation)
    {
        Stream input = process.StandardInput.BaseStream;
        try
        {
            if (await writeKeys(input, cancellation) == 0)
            {
                process.StandardInput.Close();
                return false;
            }

            await input.WriteAsync("\n"u8.ToArray(), cancellation);
            await input.FlushAsync(cancellation);
        }
        catch (IOException)
        {
            // It ended before it had read them: its exit code tells why.
        }

        return true;
    }

    /// <summary>Lets the program end in order, or ends it.</summary>
    private async Task EndAsync(Process process)
    {
        if (process.HasExited) return;
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // What could not be flushed is of no use any more.
        }

        using var limit = new CancellationTokenSource(EndPatience, time);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private DerivationException Failure(int exitCode, DeriverLine? last, string said)
    {
        logger.DeriverFailed(exitCode, last?.Error ?? "", said);
        return last switch
        {
            { Reason: "nothing_to_derive" } => new DerivationException(DerivationFailure.NothingToDerive, "The recording has nothing of what is wanted."),
            { Reason: "evidence_unreadable" } => new DerivationException(DerivationFailure.EvidenceUnreadable, "The evidence is not what its manifests say."),
            { Reason: "disk" } => new DerivationException(DerivationFailure.Disk, "The files could not be written or read."),
            _ => new DerivationException(DerivationFailure.ProgramFailed, $"The program that makes files ended with {exitCode}."),
        };
    }

    private void Remove(string output)
    {
        try
        {
            foreach (string folder in new[] { output, output + ".partial" })
                if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            File.Delete(output + ".lock");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.DerivedNotRemoved(e, output);
        }
    }

    private static string NameOf<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
