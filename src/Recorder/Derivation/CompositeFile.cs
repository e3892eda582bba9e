using System.Globalization;
using Sfu.Recorder.Native;

namespace Sfu.Recorder.Derivation;

/// <summary>Encodes canvas and mix into one MP4: H.264 High at a constant rate and AAC-LC, the index at the front.</summary>
internal sealed class CompositeFile : IDisposable
{
    private const string Limiter = "abuffer@in=sample_rate=48000:sample_fmt=flt:channel_layout=stereo:time_base=1/48000,"
        + "alimiter=limit=0.95:attack=5:release=50:level=0,aformat=sample_fmts=fltp:channel_layouts=stereo,abuffersink@out";
    private const int LimiterDelay = 240;              // samples: it looks 5 ms ahead
    private const int AacFrame = 1024;
    private readonly int _rate;
    private readonly AvOutput _output;
    private readonly AvCodecContext _video;
    private readonly AvCodecContext _audio;
    private readonly AvFilterGraph _limiter = new(Limiter);
    private readonly nint _limiterIn;
    private readonly AvFrame _block = new();
    private readonly AvFrame _limited = new();
    private readonly AvFrame _coded = new();
    private readonly AvPacket _packet = new();
    private readonly Queue<(float Left, float Right)> _waiting = new();
    private long _blockAt;
    private long _audioAt;
    private int _toSkip = LimiterDelay;

    /// <summary>Creates the file.</summary>
    public CompositeFile(string path, CompositeOptions options, PartDescription description, IEnumerable<(long FromMs, long ToMs, string Title)> chapters)
    {
        _rate = options.FramesPerSecond;
        string rate = _rate.ToString(CultureInfo.InvariantCulture);
        using (AvCodecParameters picture = AvCodecParameters.Video(AvLayout.CodecH264, options.Width, options.Height, []))
        {
            _video = AvCodecContext.OpenEncoder("libx264", picture, ("time_base", $"1/{rate}"), ("preset", options.Preset), ("profile", "high"), ("crf", "23"),
                ("g", (_rate * 2).ToString(CultureInfo.InvariantCulture)), ("bf", "0"), ("x264-params", $"fps={rate}:force-cfr=1"),
                ("threads", "2"), ("flags", "+global_header+bitexact"));
        }
        using (AvCodecParameters sound = AvCodecParameters.Audio(AvLayout.CodecAac, SoundLane.SampleRate, SoundLane.Channels, [], AvLayout.SampleFloatPlanar))
            _audio = AvCodecContext.OpenEncoder("aac", sound, ("time_base", "1/48000"), ("b", "128000"), ("flags", "+global_header+bitexact"));
        _limiterIn = _limiter.Source("abuffer@in");
        _output = new AvOutput("mp4", path);
        using AvCodecParameters video = _video.ReadParameters(), audio = _audio.ReadParameters();
        _output.AddStream(video, (1, _rate));
        _output.AddStream(audio, (1, SoundLane.SampleRate));
        _output.AddMetadata(description.ToMetadata(0));
        foreach ((long from, long to, string title) in chapters) _output.AddChapter(from, to, title);
        _output.WriteHeader(("fflags", "+bitexact"), ("movflags", "+faststart+use_metadata_tags"));
    }

    /// <summary>Text of the limiter's graph.</summary>
    internal static string LimiterText => Limiter;

    /// <summary>Pictures written.</summary>
    public long Frames { get; private set; }

    /// <summary>Audio packets written.</summary>
    public long AudioPackets { get; private set; }

    /// <summary>Encodes the canvas as the next picture.</summary>
    /// <param name="canvas">The picture.</param>
    public void WritePicture(AvFrame canvas)
    {
        canvas.Pts = Frames++;
        canvas.PictureType = 0;
        _video.Encode(canvas);
        Drain(_video, 0, (1, _rate));
    }

    /// <summary>Encodes the next samples of the mix, interleaved stereo.</summary>
    public unsafe void WriteSound(ReadOnlySpan<float> mix)
    {
        _block.AllocateSamples(mix.Length / SoundLane.Channels, SoundLane.Channels, SoundLane.SampleRate, AvLayout.SampleFloat);
        mix.CopyTo(new Span<float>(_block.Plane(0), mix.Length));
        _block.Pts = _blockAt;
        _blockAt += mix.Length / SoundLane.Channels;
        _limiter.Push(_limiterIn, _block);
        TakeLimited();
    }

    /// <summary>Writes what is left and the index.</summary>
    public void Finish()
    {
        WriteSound(new float[LimiterDelay * SoundLane.Channels]);
        _limiter.Push(_limiterIn, null);
        TakeLimited();
        if (_waiting.Count > 0) EncodeSound(_waiting.Count);
        _video.Encode(null);
        Drain(_video, 0, (1, _rate));
        _audio.Encode(null);
        Drain(_audio, 1, (1, SoundLane.SampleRate));
        _output.Finish();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _output.Dispose();
        _video.Dispose();
        _audio.Dispose();
        _limiter.Dispose();
        _block.Dispose();
        _limited.Dispose();
        _coded.Dispose();
        _packet.Dispose();
    }

    private unsafe void TakeLimited()
    {
        while (_limiter.Pull(_limited))
        {
            for (int i = 0; i < _limited.Samples; i++)
            {
                if (_toSkip > 0) _toSkip--;
                else _waiting.Enqueue((((float*)_limited.Plane(0))[i], ((float*)_limited.Plane(1))[i]));
            }
            _limited.Clear();
        }
        while (_waiting.Count >= AacFrame) EncodeSound(AacFrame);
    }

    private unsafe void EncodeSound(int samples)
    {
        _coded.AllocateSamples(samples, SoundLane.Channels, SoundLane.SampleRate, AvLayout.SampleFloatPlanar);
        for (int i = 0; i < samples; i++) (((float*)_coded.Plane(0))[i], ((float*)_coded.Plane(1))[i]) = _waiting.Dequeue();
        _coded.Pts = _audioAt;
        _audioAt += samples;
        _audio.Encode(_coded);
        Drain(_audio, 1, (1, SoundLane.SampleRate));
    }

    private void Drain(AvCodecContext encoder, int stream, (int Numerator, int Denominator) from)
    {
        (int numerator, int denominator) = _output.TimeBase(stream);
        while (encoder.Receive(_packet))
        {
            if (stream == 1) AudioPackets++;
            _packet.Pts = Rescale(_packet.Pts);
            _packet.Dts = Rescale(_packet.Dts);
            // One tick for each picture: the last one too, or readers find another rate than the true one.
            _packet.Duration = Rescale(stream == 0 ? 1 : _packet.Duration);
            _packet.Stream = stream;
            _output.Write(_packet);
        }

        long Rescale(long ticks) => (long)Math.Round((decimal)ticks * from.Numerator * denominator / ((decimal)from.Denominator * numerator));
    }
}
