using System.Text.Json;
using System.Text.Json.Serialization;
using Sfu.Derive.Native;
using Sfu.Recorder.Derivation;
using Sfu.Recorder.Derivation.Sources;

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
            keys = ParentKeys.Read(Console.In);
            new Thread(() => WaitForParent(end)) { IsBackground = true, Name = "parent" }.Start();
            EvidenceSource source = EvidenceSource.Open(arguments.Folder, keys);
            var job = new DerivationJob(source, arguments.Request, Path.Combine(arguments.Folder, "derived"), share => Say(new Line(Progress: Math.Round(share, 3))));
            Say(new Line(Folder: job.Run(end.Token)));
            return Made;
        }
        catch (OperationCanceledException)
        {
            Say(new Line(Error: "told to end"));
            return Ended;
        }
        catch (Exception bad) when (bad is EvidenceException or FormatException or ArgumentException)
        {
            Say(new Line(Error: bad.Message));
            return BadInput;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Say(new Line(Error: failed.Message));
            return Failed;
        }
        finally
        {
            keys?.Erase();
        }
    }

    // The parent holds the other end of standard input: it is closed when the parent ends, in whatever way.
    private static void WaitForParent(CancellationTokenSource end)
    {
        while (Console.In.Read() >= 0)
        {
        }
        try
        {
            end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The work was done in this moment.
        }
    }

    private static void Say(Line line)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(line, LineContext.Default.Line));
        Console.Out.Flush();
    }
}

/// <summary>One line of output; one of them is set.</summary>
/// <param name="Progress">0 to 1.</param>
/// <param name="Folder">Where the files are: it is done.</param>
/// <param name="Error">What went wrong: nothing was made.</param>
internal sealed record Line(double? Progress = null, string? Folder = null, string? Error = null);

[JsonSerializable(typeof(Line))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class LineContext : JsonSerializerContext;
