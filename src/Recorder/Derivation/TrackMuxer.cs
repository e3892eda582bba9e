using Sfu.Media.Codecs;

namespace Sfu.Recorder.Derivation;

/// <summary>Writes the pictures, the sound, or both, of one participant into files without transcoding; begins a new file where a container
/// cannot go on (RECORDING.md 4.4: codec, size in MP4 and for H.264 and H.265, rotation, SSRC of the pictures).</summary>
/// <remarks>Sound goes on over the cuts of the pictures. A part with pictures begins at a key frame; what came before it is left out and told.</remarks>
/// <param name="folder">An existing folder.</param>
/// <param name="name">First part of the names of the files.</param>
/// <param name="format">The container, or null: of each part, the one that browsers play its codec from.</param>
/// <param name="description">For the metadata of the files.</param>
/// <param name="withVideo">Pictures will come: sound before the first one is in the first part, sound alone makes no part of its own later.</param>
/// <param name="audio">Codec and channels of the sound that will come, or null for none.</param>
public sealed class TrackMuxer(
    string folder, string name, ContainerFormat? format, PartDescription description, bool withVideo, (MediaCodec Codec, int Channels)? audio) : IDisposable
{
    private const int MaxWaitingAudio = 3000;          // one minute of 20 ms packets while no picture came
    private readonly List<DerivedPart> _parts = [];
    private readonly Queue<EncodedUnit> _waitingAudio = new();
    private PartWriter? _part;
    private DerivedPart? _current;
    private EncodedUnit? _lastVideo;
    private readonly OggOpusFiller? _filler = format == ContainerFormat.Ogg ? new OggOpusFiller() : null;
    private long _turned;
    private long _leftOut;
    private long _leftOutFrom;
    private long _pushedOut;

    /// <summary>Audio packets that are in no file: a minute and more without any picture pushed them out, or (Ogg) the sender's clock ran
    /// ahead by their length.</summary>
    public long LeftOutAudio => _pushedOut + (_filler?.LeftOut ?? 0);

    /// <summary>Whether a container can hold a codec.</summary>
    public static bool CanHold(ContainerFormat format, MediaCodec codec) => (format, codec) switch
    {
        (_, MediaCodec.Opus) => true,
        (ContainerFormat.Ogg, _) => false,
        (ContainerFormat.WebM, MediaCodec.Vp8 or MediaCodec.Vp9 or MediaCodec.Av1) => true,
        (ContainerFormat.Mp4, MediaCodec.H264 or MediaCodec.H265 or MediaCodec.Av1 or MediaCodec.Vp9) => true,
        (ContainerFormat.Matroska, MediaCodec.Vp8 or MediaCodec.Vp9 or MediaCodec.Av1 or MediaCodec.H264 or MediaCodec.H265
            or MediaCodec.Pcmu or MediaCodec.Pcma) => true,
        _ => false,
    };

    /// <summary>The container that browsers play a codec from; null when none holds it (G.722).</summary>
    public static ContainerFormat? Preferred(MediaCodec codec) => codec switch
    {
        MediaCodec.H264 or MediaCodec.H265 => ContainerFormat.Mp4,
        MediaCodec.Vp8 or MediaCodec.Vp9 or MediaCodec.Av1 or MediaCodec.Opus => ContainerFormat.WebM,
        MediaCodec.Pcmu or MediaCodec.Pcma => ContainerFormat.Matroska,
        _ => null,
    };

    /// <summary>Ending of the names of a container's files.</summary>
    public static string Extension(ContainerFormat format) => format switch
    {
        ContainerFormat.WebM => "webm",
        ContainerFormat.Matroska => "mkv",
        ContainerFormat.Ogg => "ogg",
        _ => "mp4",
    };

    /// <summary>Takes the next unit; pictures and sound come in the order of their times.</summary>
    /// <exception cref="ArgumentException">The container cannot hold it.</exception>
    public void Write(EncodedUnit unit)
    {
        if (format is { } given ? !CanHold(given, unit.Codec) : Preferred(unit.Codec) is null) throw new ArgumentException($"{format} holds no {unit.Codec}.", nameof(unit));
        if (unit.IsVideo) WriteVideo(unit);
        else WriteAudio(unit);
    }

    /// <summary>Closes the last file.</summary>
    /// <returns>All files in order.</returns>
    public IReadOnlyList<DerivedPart> Finish()
    {
        ClosePart();
        if (_waitingAudio.Count > 0) OpenPart("start", null, _waitingAudio.Peek().At); // pictures were announced, and none could be used
        ClosePart();
        return _parts;
    }

    /// <inheritdoc/>
    public void Dispose() => _part?.Dispose();

    private void WriteAudio(EncodedUnit unit)
    {
        if (_part is null && !withVideo) OpenPart("start", null, unit.At);
        if (_part is not null)
        {
            WriteSound(unit);
            return;
        }
        if (_waitingAudio.Count == MaxWaitingAudio)
        {
            _waitingAudio.Dequeue();
            _pushedOut++;
        }
        _waitingAudio.Enqueue(unit);
    }

    private void WriteVideo(EncodedUnit unit)
    {
        string? cut = CutBefore(unit);
        if (cut is not null && (!unit.IsKey || unit.Width <= 0 || unit.Height <= 0))
        {
            if (_leftOut++ == 0) _leftOutFrom = unit.At;
            return;
        }
        if (cut is not null)
        {
            ClosePart();
            OpenPart(cut, unit, _waitingAudio.TryPeek(out EncodedUnit? first) ? Math.Min(first.At, unit.At) : unit.At);
        }
        _lastVideo = unit;
        if (unit.Rotation != _current!.Rotation) _turned++;
        _part!.Write(unit);
    }

    private string? CutBefore(EncodedUnit unit)
    {
        if (_lastVideo is not { } last) return "start";
        if (unit.Codec != last.Codec) return "codec";
        if (unit.Ssrc != last.Ssrc) return "ssrc";
        // A phone that is turned sends no key frame for it: until the next one, pictures lie on their side rather than not to be there.
        if (unit.IsKey && unit.Rotation != _current!.Rotation) return "rotation";
        bool isSizeFixed = (format ?? Preferred(unit.Codec)) == ContainerFormat.Mp4 || unit.Codec is MediaCodec.H264 or MediaCodec.H265;
        return isSizeFixed && (unit.Width, unit.Height) != (last.Width, last.Height) ? "size" : null;
    }

    private void OpenPart(string reason, EncodedUnit? video, long start)
    {
        ContainerFormat container = format ?? Preferred(video?.Codec ?? audio!.Value.Codec)!.Value;
        string file = $"{name}.{_parts.Count + 1}.{Extension(container)}";
        EncodedUnit? sound = audio is { } known
            ? new EncodedUnit { Codec = known.Codec, Channels = known.Channels, At = start, Data = ReadOnlyMemory<byte>.Empty }
            : null;
        _part = new PartWriter(Path.Combine(folder, file), container, description, start, video, sound);
        _current = new DerivedPart
        {
            File = file,
            Reason = reason,
            Start = start,
            Video = video?.Codec,
            Audio = audio?.Codec,
            Rotation = video?.Rotation ?? 0,
            LeftOutFrames = _leftOut,
            LeftOutDuration = _leftOut > 0 && video is not null ? video.At - _leftOutFrom : 0,
        };
        (_leftOut, _turned) = (0, 0);
        while (_waitingAudio.TryDequeue(out EncodedUnit? unit)) WriteSound(unit);
    }

    private void WriteSound(EncodedUnit unit)
    {
        if (_filler is null) _part!.Write(unit);
        else
            foreach (EncodedUnit next in _filler.Fill(unit)) _part!.Write(next);
    }

    private void ClosePart()
    {
        if (_part is null) return;
        long duration = _part.Finish();
        _parts.Add(_current! with { Duration = duration, VideoFrames = _part.VideoFrames, AudioPackets = _part.AudioPackets, TurnedFrames = _turned });
        _part.Dispose();
        _part = null;
    }
}
