using Sfu.Fuzz.Targets;
using Sfu.Media.Codecs;
using Xunit.Abstractions;

namespace Sfu.Fuzz;

/// <summary>Every parser under mutated input: no exception, bounded allocation and time, and what each target says must hold.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, Func<FuzzTarget>> Targets = new(StringComparer.Ordinal)
    {
        ["rtp"] = () => new RtpTarget(),
        ["red"] = () => new RedTarget(),
        ["rtcp"] = () => new RtcpTarget(),
        ["stun"] = () => new StunTarget(),
        ["sdp"] = () => new SdpTarget(),
        ["trickle"] = () => new TrickleTarget(),
        ["payload"] = () => new PayloadTarget(),
        ["assembler-vp8"] = () => new AssemblerTarget(MediaCodec.Vp8),
        ["assembler-vp9"] = () => new AssemblerTarget(MediaCodec.Vp9),
        ["assembler-h264"] = () => new AssemblerTarget(MediaCodec.H264),
        ["assembler-h265"] = () => new AssemblerTarget(MediaCodec.H265),
        ["assembler-av1"] = () => new AssemblerTarget(MediaCodec.Av1),
        ["audio-timeline"] = () => new AudioTimelineTarget(),
        ["srtp"] = () => new SrtpTarget(),
        ["tcp-frames"] = () => new FrameTarget(),
        ["verify-frames"] = () => new VerifyFrameTarget(),
        ["verify-json"] = () => new VerifyJsonTarget(),
        ["dtls-handshake"] = () => new DtlsHandshakeTarget(),
        ["dtls-connected"] = () => new DtlsConnectedTarget(),
    };

    public static TheoryData<string> Names() => [.. Targets.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_MutatedInput_HoldsEveryOracle(string name)
    {
        FuzzTarget target = Targets[name]();
        try
        {
            Assert.Equal(name, target.Name);
            var runner = new FuzzRunner(target, FuzzOptions.Seed);
            if (FuzzOptions.Input is { } input)
            {
                runner.Replay(input);
                return;
            }

            FuzzResult result = runner.Run(FuzzOptions.Budget);
            output.WriteLine(
                $"{name}: {result.Executions} inputs in {result.Elapsed.TotalSeconds:F1} s ({result.Executions / result.Elapsed.TotalSeconds:F0}/s), "
                + $"{result.Behaviours} behaviours, seed {result.Seed}");
            Assert.True(result.Behaviours > 1, "every input did the same: the target or its seeds are useless");
        }
        finally
        {
            (target as IDisposable)?.Dispose();
        }
    }
}
