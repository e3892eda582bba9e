using System.Text;
using Sfu.Recorder.Evidence;
using Sfu.Tests;

namespace Sfu.Verify.Tests;

/// <summary>Each verdict, from what the recorder writes.</summary>
public sealed class VerifierTests
{
    [Fact]
    public void Run_NothingMissing_IsValidComplete()
    {
        Report report = Run(TestRecording.Create(1, new Shape()));

        Expect(Verdict.ValidComplete, report);
        Assert.Empty(report.Findings);
        Assert.True(report.IsSealed && report.IsRootPinned);
        Assert.Equal((3, 24L, 4), (report.Segments, report.Chunks, report.Attested));
        Assert.True(report.Packets > 100);
        Assert.Equal(["Sfu local time-stamp authority"], report.Authorities);
    }

    [Fact]
    public void Run_LostPackets_IsValidWithGapsAndListsThem()
    {
        Report report = Run(TestRecording.Create(2, new Shape { Loss = 0.2 }));

        Expect(Verdict.ValidWithGaps, report);
        Assert.All(report.Findings, finding => Assert.Equal("gaps", finding.Code));
        Assert.True(report.LostPackets > 0);
        Assert.Equal(report.LostPackets, report.Gaps.Sum(gap => gap.Packets));
        Assert.All(report.Gaps, gap => Assert.Equal("wire_loss", gap.Cause));
    }

    [Fact]
    public void Run_WithheldByAPause_IsNoLoss()
    {
        Report report = Run(TestRecording.Create(3, new Shape { Pause = true, Segments = 6 }));

        Expect(Verdict.ValidComplete, report);
        Assert.Equal(0, report.LostPackets);
    }

    [Fact]
    public void Run_ReceivedAndNotArchived_IsValidWithGapsAndSaysSo()
    {
        Report report = Run(TestRecording.Create(4, new Shape { Unarchived = 3 }));

        Expect(Verdict.ValidWithGaps, report);
        Assert.Contains(report.Findings, finding => finding.Code == "received_not_archived");
    }

    [Fact]
    public void Run_NotSealed_IsTruncated()
    {
        Report report = Run(TestRecording.Create(5, new Shape { Sealed = false }));

        Expect(Verdict.Truncated, report);
        Assert.Equal("not_sealed", Assert.Single(report.Findings).Code);
        Assert.Equal(24, report.Chunks);
    }

    [Fact]
    public void Run_NoTokens_IsTimeUnattested()
    {
        Report report = Run(TestRecording.Create(6, new Shape { Tokens = false }));

        Expect(Verdict.TimeUnattested, report);
        Assert.Equal(4, report.Findings.Count(finding => finding.Code == "token_missing"));
    }

    [Fact]
    public void Run_TokenOfAStrangersAuthority_IsTimeUnattested()
    {
        TestRecording recording = TestRecording.Create(7, new Shape());
        using LocalTimeAuthority other = LocalTimeAuthority.Open(TestAuthority.NewFolder(), TestAuthority.Time);
        TestRecording.Stamp(recording.Folder.SealedManifestPath, other, TestAuthority.Start.AddHours(1));

        Report report = Run(recording);

        Expect(Verdict.TimeUnattested, report);
        Assert.Equal("unknown_authority", Assert.Single(report.Findings).Code);
    }

    [Fact]
    public void Run_TokenOlderThanItsManifest_IsTimeUnattested()
    {
        TestRecording recording = TestRecording.Create(8, new Shape());
        TestRecording.Stamp(recording.Folder.SealedManifestPath, TestAuthority.Authority, TestAuthority.Start.AddMinutes(-10));

        Report report = Run(recording);

        Expect(Verdict.TimeUnattested, report);
        Assert.Equal("time_contradiction", Assert.Single(report.Findings).Code);
    }

    [Fact]
    public void Run_AnotherRootPinned_IsUnknownKey()
    {
        Report report = Verifier.Run(TestRecording.Create(9, new Shape()).Path, Encoding.ASCII.GetBytes(TestAuthority.Strangers.RootPem));

        Expect(Verdict.UnknownKey, report);
        Assert.Equal("unknown_root", Assert.Single(report.Findings).Code);
    }

    [Fact]
    public void Run_NoRootPinned_SaysThatTheRootIsTheFoldersOwn()
    {
        Report report = Verifier.Run(TestRecording.Create(10, new Shape()).Path);

        Expect(Verdict.ValidComplete, report);
        Assert.Equal("root_not_pinned", Assert.Single(report.Findings).Code);
        Assert.Equal(TestAuthority.Keys.RootId, report.Root);
    }

    [Fact]
    public void Run_DeclaredRedaction_IsRedactedAsDeclared()
    {
        Report report = Run(TestRecording.Create(11, new Shape { Loss = 0.2, Declared = GapCause.Redacted }));

        Expect(Verdict.RedactedAsDeclared, report);
    }

    [Theory]
    [InlineData("")]
    [InlineData("missing")]
    public void Run_NoRecording_IsInputError(string name) =>
        Assert.Equal(Verdict.InputError, Verifier.Run(Path.Combine(TestAuthority.NewFolder(), name)).Verdict);

    [Fact]
    public void Run_ManyCleanRecordings_NoFalseAlarm()
    {
        int kinds = 0;
        Parallel.For(0, CleanRuns, seed =>
        {
            var random = new Random(seed);
            var shape = new Shape
            {
                Segments = random.Next(1, 5),
                ChunksPerSegment = random.Next(1, 12),
                Loss = random.Next(2) * random.NextDouble() * 0.5,
                Pause = random.Next(3) == 0,
                Sealed = random.Next(4) > 0,
                Tokens = random.Next(4) > 0,
            };
            TestRecording recording = TestRecording.Create(seed, shape);
            Report report = Run(recording);
            Directory.Delete(recording.Path, recursive: true);
            Interlocked.Or(ref kinds, 1 << (int)report.Verdict);
            bool isRight = !shape.Sealed ? report.Verdict == Verdict.Truncated
                : !shape.Tokens ? report.Verdict == Verdict.TimeUnattested
                : report.Verdict == (report.LostPackets > 0 ? Verdict.ValidWithGaps : Verdict.ValidComplete);
            Assert.True(isRight, $"seed {seed}, {shape}: {ReportWriter.Text(report)}");
        });
        Assert.Equal(0b100111, kinds);
        Figures.Add("clean", new FigureRow("Tampering", "genuine recordings taken for what they are", $"{CleanRuns} of {CleanRuns}", "all", "tests/Verify.Tests/VerifierTests.cs"));
    }

    private static int CleanRuns => TamperOptions.IsQuick ? 100 : TamperOptions.IsFull ? 1000 : 500;

    private static void Expect(Verdict verdict, Report report) => Assert.True(report.Verdict == verdict, $"not {verdict}: {ReportWriter.Text(report)}");

    private static Report Run(TestRecording recording) => Verifier.Run(recording.Path, TestAuthority.RootPem);
}
