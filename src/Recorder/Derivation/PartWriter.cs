using Sfu.Media.Codecs;
using Sfu.Recorder.Native;

namespace Sfu.Recorder.Derivation;

/// <summary>Writes one file of coded pictures, sound or both, as they are.</summary>
/// <remarks>Time 0 of the file is the first unit. Gaps stay gaps: each unit keeps its time. The same units give the same bytes.</remarks>
internal sealed class PartWriter : IDisposable
{
    private const long Second = 1_000_000_000;
    private const long TypicalFrame = Second / 30;     // the last picture of a file lasts like the one before, else this
    private const long LongestLastFrame = Second / 10;
    private const string FragmentMicroseconds = "500000";
    private readonly AvOutput _output;
    private readonly AvPacket _packet = new();
    private readonly long _start;
    private readonly int _videoStream = -1;
    private readonly int _audioStream = -1;
    private EncodedUnit? _leadIn;                      // begins the sound when the first packet of it comes later than the first picture
    private readonly long[] _lastTick = [-1, -1];
    private EncodedUnit? _heldVideo;                   // waits for the next, which tells how long it lasts
    private long _lastVideoDuration = TypicalFrame;
    private long _end;

    /// <summary>Creates the file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="format">The container.</param>
    /// <param name="description">For the file's metadata.</param>
    /// <param name="start">Time 0 of the file, nanoseconds from the start of the recording.</param>
    /// <param name="video">A picture as the stream's pictures are, or null for none.</param>
    /// <param name="audio">A packet as the stream's packets are, or null for none.</param>
    public PartWriter(string path, ContainerFormat format, PartDescription description, long start, EncodedUnit? video, EncodedUnit? audio)
    {
        _start = start;
        _end = start;
        _output = new AvOutput(format switch
        {
            ContainerFormat.WebM => "webm",
            ContainerFormat.Matroska => "matroska",
            ContainerFormat.Ogg => "ogg",
            _ => "mp4",
        }, path);
        try
        {
            if (video is not null) _videoStream = AddVideo(video, format);
            if (audio is not null) _audioStream = AddAudio(audio);
            if (format == ContainerFormat.Mp4 && video is not null && audio is not null) _leadIn = LeadIn(audio);
            _output.AddMetadata(description.ToMetadata(start));
            WriteHeader(format);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Pictures written.</summary>
    public long VideoFrames { get; private set; }

    /// <summary>Audio packets written.</summary>
    public long AudioPackets { get; private set; }

    /// <summary>Writes the next unit; units of both streams come in the order of their times.</summary>
    public void Write(EncodedUnit unit)
    {
        if (_leadIn is not null) BeginSound(unit);
        if (!unit.IsVideo)
        {
            AudioPackets++;
            WritePacket(_audioStream, unit, unit.Duration);
            return;
        }
        VideoFrames++;
        if (_heldVideo is not null) WriteHeld(Math.Max(0, unit.At - _heldVideo.At));
        _heldVideo = unit;
    }

    /// <summary>Writes what is left and closes the file.</summary>
    /// <returns>From time 0 to the end, in nanoseconds.</returns>
    public long Finish()
    {
        if (_heldVideo is not null) WriteHeld(Math.Clamp(_lastVideoDuration, 1, LongestLastFrame));
        _heldVideo = null;
        _output.Finish();
        return _end - _start;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _output.Dispose();
        _packet.Dispose();
    }

    private int AddVideo(EncodedUnit unit, ContainerFormat format)
    {
        // Parameter sets may change inside of a part (the size does not), so they stay in the frames too: avc3 and hev1 allow it.
        uint tag = (format, unit.Codec) switch
        {
            (ContainerFormat.Mp4, MediaCodec.H264) => Tag("avc3"u8),
            (ContainerFormat.Mp4, MediaCodec.H265) => Tag("hev1"u8),
            _ => 0,
        };
        using AvCodecParameters parameters = AvCodecParameters.Video(AvCodecNames.Id(unit.Codec), unit.Width, unit.Height, unit.ParameterSets.Span, tag);
        int stream = _output.AddStream(parameters, (1, 90_000));
        if (format == ContainerFormat.Mp4) _output.SetRotation(stream, unit.Rotation);
        else if (unit.Rotation != 0)
            _output.AddMetadata(stream, [new("ROTATION", unit.Rotation.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        return stream;
    }

    private int AddAudio(EncodedUnit unit)
    {
        int rate = AvCodecNames.SampleRate(unit.Codec);
        using AvCodecParameters parameters =
            AvCodecParameters.Audio(AvCodecNames.Id(unit.Codec), rate, unit.Channels, AvCodecNames.AudioHeader(unit.Codec, unit.Channels));
        return _output.AddStream(parameters, (1, rate));
    }

    private void WriteHeader(ContainerFormat format)
    {
        switch (format)
        {
            case ContainerFormat.Mp4:
                // The header waits for the first packet of each stream: an edit list in it says which begins later. Without one, FFmpeg and
                // Chromium count that start twice and take the file for longer.
                _output.WriteHeader(("fflags", "+bitexact"), ("movflags", "+delay_moov+default_base_moof+use_metadata_tags"),
                    ("frag_duration", FragmentMicroseconds), ("avoid_negative_ts", "disabled"));
                break;
            default:
                _output.WriteHeader(("fflags", "+bitexact"), ("avoid_negative_ts", "disabled"));
                break;
        }
    }

    // Until both streams have begun, the muxer keeps everything: sound that comes late, or never, begins with a packet of 2.5 ms that asks
    // the decoder to conceal (RFC 6716 section 3.1: CELT, one frame of no bytes).
    private static EncodedUnit LeadIn(EncodedUnit audio) =>
        audio with { Data = new byte[] { (byte)(0x80 | (audio.Channels == 2 ? 0x04 : 0)) }, Duration = Second / 400 };

    private void BeginSound(EncodedUnit next)
    {
        bool isLate = next.At - _start >= _leadIn!.Duration;
        if (isLate) WritePacket(_audioStream, _leadIn with { At = _start }, _leadIn.Duration);
        if (isLate || !next.IsVideo) _leadIn = null;
    }

    private void WriteHeld(long duration)
    {
        _lastVideoDuration = duration;
        WritePacket(_videoStream, _heldVideo!, duration);
    }

    private void WritePacket(int stream, EncodedUnit unit, long duration)
    {
        (int numerator, int denominator) = _output.TimeBase(stream);
        long tick = Math.Max(ToTicks(unit.At - _start, numerator, denominator), _lastTick[stream] + 1);
        _lastTick[stream] = tick;
        _end = Math.Max(_end, unit.At + duration);
        _packet.Fill(unit.Data.Span);
        _packet.Pts = tick;
        _packet.Dts = tick;
        _packet.Duration = Math.Max(1, ToTicks(unit.At - _start + duration, numerator, denominator) - tick);
        _packet.Stream = stream;
        _packet.IsKey = unit.IsKey;
        _output.Write(_packet);
    }

    private static long ToTicks(long nanoseconds, int numerator, int denominator) =>
        (long)(((Int128)nanoseconds * denominator * 2 + (Int128)Second * numerator) / ((Int128)Second * numerator * 2));

    private static uint Tag(ReadOnlySpan<byte> name) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(name);
}
