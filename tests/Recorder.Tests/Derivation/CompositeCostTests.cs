using System.Diagnostics;
using System.Globalization;
using Sfu.Media.Codecs;
using Sfu.Recorder.Derivation;
using Sfu.Tests;
using Xunit.Abstractions;
using static Sfu.Recorder.Tests.Derivation.SyntheticMedia;

namespace Sfu.Recorder.Tests.Derivation;

/// <summary>What a composite costs: processor time of the whole job, clock fit and hashing included, for a second of call. No gate: machines
/// differ. SFU_DERIVE_SECONDS makes the call longer, a minute at most.</summary>
[Collection("alone")]
public sealed class CompositeCostTests(ITestOutputHelper output)
{
    private const int Rate = 30;
    private static readonly int Seconds = Math.Min(60, int.Parse(Environment.GetEnvironmentVariable("SFU_DERIVE_SECONDS") ?? "2", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Run_Composite_CostsPerSecondOfCall(int participants)
    {
        using var folder = new TempFolder();
        SyntheticRecording recording = Record(participants);
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        (string made, DerivationManifest manifest) = Derivations.Run(recording, folder.Path, DerivationKind.Composite, composite: new CompositeOptions());
        double cost = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds / Seconds;

        Assert.Equal(60L * Seconds, manifest.Files[0].VideoFrames);
        FfmpegTool.AssertConstantRate(Path.Combine(made, "composite.mp4"), 60);
        output.WriteLine($"{participants} participants: {cost:F2} s of a core per second, {manifest.Files[0].Bytes * 8 / 1000 / Seconds} kbps");
        Figures.Add($"composite-cost-{participants}", new FigureRow("Playable files",
            $"composite of {participants} participants of 640x360 at {Rate}, 1280x720 at 60, {Seconds} s: time of one core per second of call",
            string.Create(CultureInfo.InvariantCulture, $"{cost:F2} s"), "none", "tests/Recorder.Tests/Derivation/CompositeCostTests.cs"));
    }

    // Cameras of the same make, at different moments; two of them speak in turn.
    private static SyntheticRecording Record(int participants)
    {
        var recording = new SyntheticRecording { JitterMilliseconds = 10 };
        List<EncodedUnit> pictures = Video(MediaCodec.Vp8, 640, 360, Rate * Seconds, Rate, keyInterval: 300, isBusy: true), sound = Opus(50 * Seconds, isBeep: at => at / Second % 2 == 0);
        for (int i = 0; i < participants; i++)
        {
            long late = i * 7 * Millisecond;
            recording.Add($"p{i}", [.. pictures.Select(unit => unit with { At = unit.At + late, Ssrc = (uint)(10 + i) })]);
            recording.Add($"p{i}", [.. sound.Select(unit => unit with { Ssrc = (uint)(100 + i) })]);
        }
        return recording;
    }
}
