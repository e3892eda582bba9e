using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Sfu.Media.Codecs;

namespace Sfu.Media.Tests.Video;

/// <summary>Decodes frames with the ffmpeg program: the one who says what can be decoded.</summary>
internal static class Ffmpeg
{
    private static readonly TimeSpan TimeOut = TimeSpan.FromSeconds(60);

    /// <summary>A hash of each picture that comes out; an error of any kind fails.</summary>
    public static async Task<List<string>> DecodeAsync(MediaCodec codec, IReadOnlyList<byte[]> frames)
    {
        string format = codec switch { MediaCodec.H264 => "h264", MediaCodec.H265 => "hevc", _ => "ivf" };
        var start = new ProcessStartInfo("ffmpeg", ["-hide_banner", "-v", "error", "-xerror", "-f", format, "-i", "pipe:0", "-vsync", "passthrough", "-autoscale", "0", "-f", "framemd5", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        using var timeOut = new CancellationTokenSource(TimeOut);
        Task<string> output = process.StandardOutput.ReadToEndAsync(timeOut.Token), errors = process.StandardError.ReadToEndAsync(timeOut.Token);
        await process.StandardInput.BaseStream.WriteAsync(ToFile(codec, frames, format), timeOut.Token);
        process.StandardInput.Close();
        await process.WaitForExitAsync(timeOut.Token);
        Assert.Equal("", await errors);
        Assert.Equal(0, process.ExitCode);
        return [.. (await output).Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line[(line.LastIndexOf(',') + 1)..].Trim())];
    }

    private static byte[] ToFile(MediaCodec codec, IReadOnlyList<byte[]> frames, string format)
    {
        using var file = new MemoryStream();
        if (format == "ivf")
        {
            byte[] head = new byte[32];
            Encoding.ASCII.GetBytes("DKIF").CopyTo(head, 0);
            Encoding.ASCII.GetBytes(codec switch { MediaCodec.Vp8 => "VP80", MediaCodec.Vp9 => "VP90", _ => "AV01" }).CopyTo(head, 8);
            (head[6], head[12], head[14], head[16], head[20]) = (32, 160, 90, 15, 1);
            file.Write(head);
        }
        for (int i = 0; i < frames.Count; i++)
        {
            byte[] head = new byte[format == "ivf" ? 12 : 0];
            if (head.Length > 0) BinaryPrimitives.WriteInt32LittleEndian(head, frames[i].Length);
            if (head.Length > 0) BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(4), i);
            file.Write(head);
            file.Write(frames[i]);
        }
        return file.ToArray();
    }
}
