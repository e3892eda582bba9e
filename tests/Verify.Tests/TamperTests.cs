using System.Collections.Concurrent;
using Sfu.Tests;
using Xunit.Abstractions;

namespace Sfu.Verify.Tests;

/// <summary>Whatever is done to a recording is found, and the file is named (RECORDING.md T6).</summary>
public sealed class TamperTests(ITestOutputHelper output)
{
    private const int PerCopy = 100;

    [Fact]
    public void Run_TamperedInAnyWay_IsFoundAndLocated()
    {
        Shape[] shapes = [new Shape(), new Shape { Loss = 0.1, Segments = 4, ChunksPerSegment = 5 }, new Shape { Sealed = false }];
        TestRecording[] recordings = [.. shapes.Select((shape, i) => TestRecording.Create(100 + i, shape))];
        var problems = new ConcurrentBag<string>();
        var verdicts = new ConcurrentDictionary<Verdict, int>();
        int seed = TamperOptions.Seed;

        Parallel.For(0, (TamperOptions.Cases + PerCopy - 1) / PerCopy, batch =>
        {
            int which = batch % recordings.Length;
            var copy = new EvidenceCopy(recordings[which].Path);
            for (int i = 0; i < PerCopy; i++)
            {
                int own = unchecked(seed * 31 + batch * PerCopy + i);
                Tampering tampering = new Tamperer(copy, new Random(own), shapes[which].Sealed).Next();
                Report report = copy.Verify();
                verdicts.AddOrUpdate(report.Verdict, 1, (_, count) => count + 1);
                if (tampering.Problem(report) is { } problem) problems.Add($"case {own} of shape {which}: {problem}\n{ReportWriter.Text(report)}");
                copy.Restore();
            }
            Report restored = copy.Verify();
            if (restored.Verdict != Verifier.Run(recordings[which].Path, TestAuthority.RootPem).Verdict) problems.Add($"a restored copy is {restored.Verdict.Name()}");
            Directory.Delete(copy.Path, recursive: true);
        });

        output.WriteLine($"seed {seed}: {string.Join(", ", verdicts.Select(pair => $"{pair.Value} {pair.Key.Name()}"))}");
        Assert.True(problems.IsEmpty, $"{problems.Count} of {TamperOptions.Cases}, seed {seed}:\n{string.Join('\n', problems.Take(10))}");
        Assert.True(verdicts.Values.Sum() >= TamperOptions.Cases);
        string kinds = string.Join(", ", verdicts.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key.Name()} {pair.Value}"));
        Figures.Add("tampering", new FigureRow(
            "Tampering", $"cases found, and the file named: {kinds}", $"{verdicts.Values.Sum()} of {verdicts.Values.Sum()}", "all", "tests/Verify.Tests/TamperTests.cs"));
    }
}
