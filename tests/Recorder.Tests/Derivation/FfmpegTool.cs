using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Sfu.Recorder.Tests.Derivation;

/// <summary>The ffmpeg and ffprobe commands: a second opinion on the files, by code that is not ours.</summary>
internal static class FfmpegTool
{
    /// <summary>Decodes every frame; fails on any complaint.</summary>
    /// <remarks>Without the time base of the file, ffmpeg rounds times to a frame rate that it guesses, and complains that two pictures of a camera
    /// that is not quite regular are at one time then: so for track files. Composites have a rate: <see cref="AssertConstantRate"/>.</remarks>
    internal static void AssertDecodesCleanly(string path)
    {
        (string _, string error) = Run("ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-xerror", "-i", path, "-enc_time_base", "-1", "-f", "null", "-");
        Assert.Equal("", error);
    }

    /// <summary>Decodes every frame as anybody would who knows nothing of the file, and asks what its rate is; fails on any complaint, and when the
    /// pictures are not as far from each other as their number says.</summary>
    internal static void AssertConstantRate(string path, int framesPerSecond)
    {
        (string _, string error) = Run("ffmpeg", "-hide_banner", "-nostdin", "-v", "warning", "-i", path, "-f", "null", "-");
        Assert.Equal("", error);
        JsonElement video = Describe(path).GetProperty("streams").EnumerateArray().First(stream => stream.GetProperty("codec_type").GetString() == "video");
        Assert.Equal(($"{framesPerSecond}/1", $"{framesPerSecond}/1"), (video.GetProperty("r_frame_rate").GetString(), video.GetProperty("avg_frame_rate").GetString()));
    }

    /// <summary>Times of the packets of a stream, in seconds.</summary>
    internal static double[] PacketTimes(string path, string stream) =>
        [.. Probe(path, "-select_streams", stream, "-show_entries", "packet=pts_time").GetProperty("packets").EnumerateArray().Select(packet => Number(packet, "pts_time"))];

    /// <summary>Number of frames that decode, by ffprobe.</summary>
    internal static int DecodedFrames(string path, string stream) =>
        Probe(path, "-select_streams", stream, "-count_frames", "-show_entries", "stream=nb_read_frames").GetProperty("streams")[0]
            .GetProperty("nb_read_frames").GetString() is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 0;

    /// <summary>What ffprobe says of the container and its streams.</summary>
    internal static JsonElement Describe(string path) => Probe(path, "-show_format", "-show_streams", "-show_chapters");

    /// <summary>Duration that the container tells, in seconds.</summary>
    internal static double Duration(string path) => Number(Describe(path).GetProperty("format"), "duration");

    /// <summary>Luminance of each decoded picture with its time: the mean over an area.</summary>
    internal static List<(double At, double Mean)> Brightness(string path, string crop = "iw:ih:0:0")
    {
        (string output, string _) = Run("ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-copyts", "-vf",
            $"crop={crop},signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-", "-f", "null", "-");
        var list = new List<(double, double)>();
        double at = 0;
        foreach (string line in output.Split('\n'))
        {
            if (line.Split("pts_time:") is [_, var time]) at = double.Parse(time, CultureInfo.InvariantCulture);
            else if (line.Split("YAVG=") is [_, var mean]) list.Add((at, double.Parse(mean, CultureInfo.InvariantCulture)));
        }
        return list;
    }

    /// <summary>Samples of the sound at 48 kHz mono, silence where the file has a gap, from time 0 of the file.</summary>
    internal static short[] Samples(string path)
    {
        string raw = Path.Combine(Path.GetTempPath(), $"sfu-derive-{Guid.NewGuid():N}.pcm");
        try
        {
            Run("ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-i", path, "-map", "0:a:0", "-af", "aresample=async=1:min_hard_comp=0.001:first_pts=0",
                "-f", "s16le", "-ac", "1", "-ar", "48000", raw);
            return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(raw)).ToArray();
        }
        finally
        {
            File.Delete(raw);
        }
    }

    private static JsonElement Probe(string path, params string[] arguments)
    {
        (string output, string error) = Run("ffprobe", ["-v", "error", "-of", "json", .. arguments, path]);
        Assert.Equal("", error);
        return JsonDocument.Parse(output).RootElement;
    }

    private static double Number(JsonElement parent, string name) => double.Parse(parent.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static (string Output, string Error) Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(120_000), $"{program} did not end");
        string said = error.GetAwaiter().GetResult();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {said}");
        return (output, said);
    }
}
