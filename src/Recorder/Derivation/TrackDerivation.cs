using Sfu.Media.Codecs;
using Sfu.Recorder.Derivation.Sources;

namespace Sfu.Recorder.Derivation;

/// <summary>Derives single tracks: containers without transcoding, or WAV.</summary>
internal sealed class TrackDerivation(IRecordingSource source, TrackClocks clocks, string folder, Action<long> advanced)
{
    private readonly List<(DerivedPart Part, SourceTrack Track, string Encoding)> _made = [];

    /// <summary>Frames and packets that were no use.</summary>
    public long Unusable { get; private set; }

    /// <summary>What was made, in order.</summary>
    public IReadOnlyList<(DerivedPart Part, SourceTrack Track, string Encoding)> Made => _made;

    /// <summary>Writes a track into containers: each simulcast encoding into files of its own.</summary>
    /// <param name="track">The track.</param>
    /// <param name="format">The container, or null for the usual one.</param>
    /// <param name="sound">A track whose sound goes into the files too, or null.</param>
    public void Mux(SourceTrack track, ContainerFormat? format, SourceTrack? sound)
    {
        var reader = new TrackReader(source, track, clocks);
        foreach (string encoding in reader.ReadEncodings())
        {
            (MediaCodec Codec, int Channels)? audio = AudioOf(track.IsVideo ? sound : track);
            if (audio is { } known && (format is { } given ? !TrackMuxer.CanHold(given, known.Codec) : TrackMuxer.Preferred(known.Codec) is null or ContainerFormat.Matroska && track.IsVideo))
                audio = null;
            if (!track.IsVideo && audio is null)
            {
                Decode(track);                           // no container holds it
                continue;
            }
            string name = $"track-{track.Number:D2}{(encoding.Length > 0 ? "-" + SafeName(encoding) : "")}";
            using var muxer = new TrackMuxer(folder, name, format, Describe(track), track.IsVideo, audio);
            foreach (EncodedUnit unit in Units(reader, encoding, track.IsVideo && audio is not null ? sound : null))
            {
                if (!unit.IsVideo && unit.Codec != audio?.Codec) continue; // another codec: it is in the audio derivation
                muxer.Write(unit);
                advanced(unit.At);
            }
            _made.AddRange(muxer.Finish().Select(part => (part, track, encoding)));
        }
        Unusable += reader.Unusable;
    }

    /// <summary>Decodes a track of sound into a WAV file from the start of the recording to its end.</summary>
    public void Decode(SourceTrack track)
    {
        if (AudioOf(track) is not { } audio) return;
        string file = $"track-{track.Number:D2}.wav";
        var reader = new TrackReader(source, track, clocks);
        using var wav = new WavTrack(Path.Combine(folder, file), AvCodecNames.SampleRate(audio.Codec), audio.Channels, 0);
        long end = source.Length.Nanoseconds;
        foreach (EncodedUnit unit in reader.Read(null))
        {
            wav.Write(unit);
            end = Math.Max(end, unit.At + unit.Duration);
            advanced(unit.At);
        }
        long samples = wav.Finish(end);
        Unusable += reader.Unusable + wav.Failures;
        _made.Add((new DerivedPart { File = file, Reason = "start", Start = 0, Duration = end, Audio = audio.Codec, AudioPackets = samples }, track, ""));
    }

    private PartDescription Describe(SourceTrack track) => new(source.Id, track.Number, track.Identity, source.Start);

    private IEnumerable<EncodedUnit> Units(TrackReader reader, string encoding, SourceTrack? sound) => sound is null
        ? reader.Read(encoding)
        : UnitSorter.Merge([reader.Read(encoding), new TrackReader(source, sound, clocks).Read(null)]).Select(pair => pair.Unit);

    // The codec of the first packet, and two channels when any packet of the track has them.
    private (MediaCodec Codec, int Channels)? AudioOf(SourceTrack? track)
    {
        if (track is null || track.IsVideo) return null;
        (MediaCodec Codec, int Channels)? found = null;
        foreach (EncodedUnit unit in new TrackReader(source, track, clocks).Read(null))
        {
            found = (found?.Codec ?? unit.Codec, Math.Max(found?.Channels ?? 1, unit.Channels));
            if (found.Value.Channels == 2) break;
        }
        return found;
    }

    private static string SafeName(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit).Take(16));
}
