using Sfu.Media.Codecs;
using Sfu.Recorder.Derivation;
using Sfu.Recorder.Native;

namespace Sfu.Recorder.Tests.Derivation;

/// <summary>Coded pictures and sound with known content, made by FFmpeg's encoders.</summary>
internal static class SyntheticMedia
{
    internal const long Second = 1_000_000_000;
    internal const long Millisecond = 1_000_000;

    /// <summary>Pictures at a steady rate: black, with a moving grey bar, white where <paramref name="isFlash"/> says so; or as busy as a camera's.</summary>
    internal static List<EncodedUnit> Video(MediaCodec codec, int width, int height, int frames, int framesPerSecond = 25, long start = 0,
        int keyInterval = 25, uint ssrc = 1, Func<long, bool>? isFlash = null, int rotation = 0,
        bool isBusy = false)
    {
        using AvCodecParameters parameters = AvCodecParameters.Video(AvCodecNames.Id(codec), width, height, []);
        using AvCodecContext encoder = AvCodecContext.OpenEncoder(Encoder(codec), parameters, Options(codec, framesPerSecond, keyInterval));
        using var packet = new AvPacket();
        using var frame = new AvFrame();
        var units = new List<EncodedUnit>();
        for (int i = 0; i < frames; i++)
        {
            if (isBusy) PaintBusy(frame, width, height, i);
            else Paint(frame, width, height, i, isFlash?.Invoke(start + i * Second / framesPerSecond) ?? false);
            frame.Pts = i;
            encoder.Encode(frame);
            Drain(encoder, packet, units, codec, width, height, framesPerSecond, start, ssrc, rotation);
        }
        encoder.Encode(null);
        Drain(encoder, packet, units, codec, width, height, framesPerSecond, start, ssrc, rotation);
        return units;
    }

    /// <summary>Opus packets of 20 ms, mono: silence, with a tone of 1 kHz where <paramref name="isBeep"/> says so for a sample's time.</summary>
    /// <param name="packets">How many.</param>
    /// <param name="start">Time of the first sample.</param>
    /// <param name="isBeep">Whether there is a tone at a time.</param>
    /// <param name="ssrc">Of the stream.</param>
    /// <param name="skew">How much the sound device runs fast: its 960 samples take less time.</param>
    internal static List<EncodedUnit> Opus(int packets, long start = 0, Func<long, bool>? isBeep = null, uint ssrc = 2, double skew = 0)
    {
        using AvCodecParameters parameters = AvCodecParameters.Audio(AvLayout.CodecOpus, 48_000, 1, [], AvLayout.SampleFloat);
        using AvCodecContext encoder = AvCodecContext.OpenEncoder("libopus", parameters, ("time_base", "1/48000"), ("b", "32000"), ("frame_duration", "20"));
        using var packet = new AvPacket();
        using var frame = new AvFrame();
        var units = new List<EncodedUnit>();
        for (int i = 0; i < packets; i++)
        {
            FillTone(frame, i * 960L, start, isBeep, skew);
            encoder.Encode(frame);
            while (encoder.Receive(packet)) units.Add(Unit(units.Count, packet));
        }
        return units;

        EncodedUnit Unit(int index, AvPacket coded) => new()
        {
            Codec = MediaCodec.Opus,
            At = start + (long)(index * 20 * Millisecond / (1 + skew)),
            Duration = 20 * Millisecond,
            Data = coded.Data.ToArray(),
            Channels = 1,
            Ssrc = ssrc,
        };
    }

    /// <summary>Units of several streams in the order of their times.</summary>
    internal static IEnumerable<EncodedUnit> Merge(params IEnumerable<EncodedUnit>[] streams) => streams.SelectMany(units => units).OrderBy(unit => unit.At);

    private static void Drain(AvCodecContext encoder, AvPacket packet, List<EncodedUnit> units, MediaCodec codec, int width, int height,
        int framesPerSecond, long start, uint ssrc, int rotation)
    {
        while (encoder.Receive(packet))
        {
            byte[] data = packet.Data.ToArray();
            byte[] sets = codec is MediaCodec.H264 or MediaCodec.H265 && packet.IsKey ? ParameterSets(codec, data) : [];
            if (codec == MediaCodec.Av1)
            {
                data = data[2..];                        // without the temporal delimiter
                if (packet.IsKey) sets = data[..(2 + data[1])];
            }
            units.Add(new EncodedUnit
            {
                Codec = codec,
                At = start + packet.Pts * Second / framesPerSecond,
                Data = data,
                IsKey = packet.IsKey,
                Width = width,
                Height = height,
                Ssrc = ssrc,
                Rotation = rotation,
                ParameterSets = sets,
            });
        }
    }

    private static unsafe void Paint(AvFrame frame, int width, int height, int index, bool isFlash)
    {
        frame.AllocatePicture(width, height, AvLayout.PixelYuv420);
        for (int plane = 0; plane < 3; plane++)
        {
            int rows = plane == 0 ? height : (height + 1) / 2, columns = plane == 0 ? width : (width + 1) / 2;
            for (int row = 0; row < rows; row++)
                new Span<byte>(frame.Plane(plane) + row * frame.Stride(plane), columns).Fill(plane > 0 ? (byte)128 : isFlash ? (byte)235 : (byte)16);
        }
        int bar = index * 4 % (width - 8);
        for (int row = 0; row < height / 8; row++) new Span<byte>(frame.Plane(0) + row * frame.Stride(0) + bar, 8).Fill(100);
    }

    // A room with a texture, somebody who moves in front of it, and the noise of a sensor.
    private static unsafe void PaintBusy(AvFrame frame, int width, int height, int index)
    {
        frame.AllocatePicture(width, height, AvLayout.PixelYuv420);
        var noise = new Random(index);
        for (int plane = 0; plane < 3; plane++)
        {
            int shift = plane == 0 ? 0 : 1, centre = (int)((width / 2 + width / 8 * Math.Sin(index / 12.0)) / (1 << shift)), radius = height / 3 >> shift;
            for (int row = 0; row < height >> shift; row++)
            {
                var line = new Span<byte>(frame.Plane(plane) + row * frame.Stride(plane), width >> shift);
                int reach = radius * radius - (row - (height >> shift + 1)) * (row - (height >> shift + 1));
                for (int column = 0; column < line.Length; column++)
                {
                    bool isPerson = (column - centre) * (column - centre) < reach;
                    int value = plane > 0 ? (isPerson ? 140 : 120) : isPerson ? 150 + ((column - centre) * row >> 6 & 31) : 70 + ((column / 8 ^ row / 8) & 63);
                    line[column] = (byte)(value + (plane == 0 ? noise.Next(5) : 0));
                }
            }
        }
    }

    private static unsafe void FillTone(AvFrame frame, long position, long start, Func<long, bool>? isBeep, double skew)
    {
        frame.AllocateSamples(960, 1, 48_000, AvLayout.SampleFloat);
        frame.Pts = position;
        var samples = new Span<float>(frame.Plane(0), 960);
        for (int i = 0; i < samples.Length; i++)
        {
            long at = start + (long)((position + i) / (1 + skew) * Second / 48_000);
            samples[i] = isBeep?.Invoke(at) == true ? 0.5f * MathF.Sin(2 * MathF.PI * 1000 * ((position + i) % 48_000) / 48_000) : 0;
        }
    }

    private static byte[] ParameterSets(MediaCodec codec, byte[] annexB)
    {
        var sets = new List<byte>();
        int at = 0;
        while (at < annexB.Length)
        {
            int next = NextStart(annexB, at + 3);
            int header = annexB[at + 2] == 1 ? at + 3 : at + 4;
            int type = codec == MediaCodec.H264 ? annexB[header] & 0x1F : annexB[header] >> 1 & 0x3F;
            if (codec == MediaCodec.H264 ? type is 7 or 8 : type is 32 or 33 or 34) sets.AddRange([0, 0, 0, 1, .. annexB[header..next]]);
            at = next;
        }
        return [.. sets];
    }

    private static int NextStart(byte[] data, int from)
    {
        for (int i = from; i + 2 < data.Length; i++)
            if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1) return data[i - 1] == 0 ? i - 1 : i;
        return data.Length;
    }

    private static string Encoder(MediaCodec codec) => codec switch
    {
        MediaCodec.Vp8 => "libvpx",
        MediaCodec.Vp9 => "libvpx-vp9",
        MediaCodec.H264 => "libx264",
        MediaCodec.H265 => "libx265",
        _ => "libaom-av1",
    };

    private static (string, string)[] Options(MediaCodec codec, int framesPerSecond, int keyInterval)
    {
        List<(string, string)> options = [("time_base", $"1/{framesPerSecond}"), ("b", "300000"), ("g", $"{keyInterval}"), ("threads", "1")];
        options.AddRange(codec switch
        {
            MediaCodec.H264 => [("preset", "ultrafast"), ("tune", "zerolatency")],
            MediaCodec.H265 => [("preset", "ultrafast"), ("tune", "zerolatency"), ("x265-params", "log-level=none:pools=1:frame-threads=1")],
            MediaCodec.Av1 => [("cpu-used", "8"), ("usage", "realtime"), ("lag-in-frames", "0")],
            _ => [("deadline", "realtime"), ("cpu-used", "8"), ("lag-in-frames", "0")],
        });
        return [.. options];
    }
}
