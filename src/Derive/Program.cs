using System.Text.Json;
using System.Text.Json.Serialization;
using Sfu.Derive.Native;
using Sfu.Recorder.Derivation;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Native;

namespace Sfu.Derive;

/// <summary>The program sfu-derive.</summary>
internal static class Program
{
    private const int Made = 0, Failed = 1, BadInput = 2, Ended = 3;

    private static int Main(string[] arguments)
    {
        if (arguments is ["--help"] or ["-h"])
        {
            Console.Out.WriteLine(DeriveArguments.Usage);
            return Made;
        }
        if (DeriveArguments.TryRead(arguments, out DeriveArguments? read) is { } wrong)
        {
            Console.Error.WriteLine(wrong);
            Console.Error.WriteLine(DeriveArguments.Usage);
            return BadInput;
        }
        LowPriority.Apply();
        using var end = new CancellationTokenSource();
        using PosixSignalRegistrations signals = new(end);
        return Run(read!, end);
    }

    private static int Run(DeriveArguments arguments, CancellationTokenSource end)
    {
        ParentKeys? keys = null;
        try
        {
            using Stream input = Console.OpenStandardInput();
            keys = ParentKeys.Read(input);
            new Thread(() => WaitForParent(input, end)) { IsBackground = true, Name = "parent" }.Start();
            string root = Path.Combine(arguments.Folder, "derived");
            var life = new LifeSign(TimeProvider.System, share => Say(new Line(Progress: Math.Round(share, 3))));
            Action alive = () =>
            {
                end.Token.ThrowIfCancellationRequested();
                life.Beat();
            };
            EvidenceSource source = EvidenceSource.Open(arguments.Folder, keys, alive);
            using DerivationLock alone = DerivationLock.Take(root, arguments.Request.Id, end.Token);
            string former = Path.Combine(root, Path.GetFileName(arguments.Request.Id));
            if (arguments.Replaces && Directory.Exists(former)) Directory.Delete(former, recursive: true);
            var job = new DerivationJob(source, arguments.Request, root, life.Progress, alive);
            Say(new Line(Folder: job.Run(end.Token)));
            return Made;
        }
        catch (OperationCanceledException)
        {
            return Fail(Ended, "told to end", "ended");
        }
        catch (NothingToDeriveException nothing)
        {
            return Fail(BadInput, nothing.Message, "nothing_to_derive");
        }
        catch (Exception bad) when (bad is EvidenceException or FormatException or ArgumentException)
        {
            return Fail(BadInput, bad.Message, "evidence_unreadable");
        }
        catch (AvException failed)
        {
            return Fail(Failed, failed.Message, "failed");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return Fail(Failed, failed.Message, "disk");
        }
        finally
        {
            keys?.Erase();
        }
    }

    // The parent holds the other end of standard input: it is closed when the parent ends, in whatever way.
    private static void WaitForParent(Stream input, CancellationTokenSource end)
    {
        try
        {
            while (input.ReadByte() >= 0)
            {
            }
            end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The work was done in this moment.
        }
    }

    private static int Fail(int code, string error, string reason)
    {
        Say(new Line(Error: error, Reason: reason));
        return code;
    }

    private static void Say(Line line)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(line, LineContext.Default.Line));
        Console.Out.Flush();
    }
}

/// <summary>One line of output; one of progress, folder and error is set.</summary>
/// <param name="Progress">0 to 1.</param>
/// <param name="Folder">Where the files are: it is done.</param>
/// <param name="Error">What went wrong: nothing was made.</param>
/// <param name="Reason">With an error: its kind, for programs.</param>
internal sealed record Line(double? Progress = null, string? Folder = null, string? Error = null, string? Reason = null);

[JsonSerializable(typeof(Line))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class LineContext : JsonSerializerContext;
