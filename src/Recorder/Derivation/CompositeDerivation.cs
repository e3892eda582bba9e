using System.Globalization;
using Sfu.Media.Codecs;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Native;

namespace Sfu.Recorder.Derivation;

/// <summary>Renders the whole call into one MP4: all who are there, with their names, and the mix of all sound.</summary>
/// <remarks>Tiles are painted by filter graphs, put together by own code (docs/adr/0005-composite.md). Time runs with the recording: a gap shows
/// a slate, sound has silence.</remarks>
internal sealed class CompositeDerivation : IDisposable
{
    private const long Second = 1_000_000_000;
    private const long LostAfter = Second;             // no picture for longer than a static screen takes
    private const long Idle = Second / 5;              // nothing new: slates and the clock wait no longer
    private const int MixBlock = 480;                  // 10 ms
    private readonly IRecordingSource _source;
    private readonly CompositeOptions _options;
    private readonly CompositeLayout _layout;
    private readonly string _path;
    private readonly Action<long> _advanced;
    private readonly SortedSet<string> _filters = new(StringComparer.Ordinal) { CompositeFile.LimiterText };
    private readonly List<CompositeSeat> _seats = [];
    private readonly List<TrackReader> _readers = [];
    private readonly AvFrame _canvas = new();
    private readonly TilePainter _clock;
    private readonly SpeakerChoice _speaker = new();
    private CompositeSeat[] _shown = [];
    private TilePlace[] _places = [];
    private long _mixed;

    /// <summary>Prepares it.</summary>
    public CompositeDerivation(IRecordingSource source, TrackClocks clocks, CompositeLayout layout, CompositeOptions options, string path, Action<long> advanced)
    {
        (_source, _layout, _options, _path, _advanced) = (source, layout, options, path, advanced);
        _clock = new TilePainter(options.FontFile, new HashSet<string>()); // a text a second: not in the manifest
        foreach (IGrouping<(string, bool), SourceTrack> group in source.Tracks.GroupBy(track => (track.Participant, IsScreen(track))))
            _seats.Add(MakeSeat(clocks, [.. group], group.Key.Item2));
    }

    /// <summary>Texts of the graphs that were used.</summary>
    public IEnumerable<string> Filters => _filters;

    /// <summary>Frames and packets that were no use.</summary>
    public long Unusable => _readers.Sum(reader => reader.Unusable) + _seats.Sum(seat => seat.Failures);

    /// <summary>Renders to the end.</summary>
    public DerivedPart Render()
    {
        long end = Math.Max(Second / _options.FramesPerSecond, _source.Length.Nanoseconds);
        var pace = new PicturePace(_options.FramesPerSecond);
        using var file = new CompositeFile(_path, _options, new PartDescription(_source.Id, 0, "", _source.Start), Chapters());
        _canvas.AllocatePicture(_options.Width, _options.Height, AvLayout.PixelYuv420);
        for (long at = 0, next; at < end; at = next)
        {
            long allowed = pace.Take(at);
            MixTo(file, allowed);
            // What is captured before the next picture may come goes to the nearer of both.
            Paint(at, (allowed - at) / 2);
            next = Math.Min(end, Math.Max(allowed, Math.Min(at + Idle, _seats.Min(seat => (long?)seat.NextPicture) ?? long.MaxValue)));
            file.WritePicture(_canvas, at, next - at);
            _advanced(at);
        }
        MixTo(file, end);
        file.Finish();
        return new DerivedPart
        {
            File = Path.GetFileName(_path),
            Reason = "start",
            Start = 0,
            Duration = end,
            Video = MediaCodec.H264,
            VideoFrames = file.Frames,
            AudioPackets = file.AudioPackets,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CompositeSeat seat in _seats) seat.Dispose();
        _clock.Dispose();
        _canvas.Dispose();
    }

    private static bool IsScreen(SourceTrack track) => track.Source.Contains("screen", StringComparison.OrdinalIgnoreCase);

    private CompositeSeat MakeSeat(TrackClocks clocks, SourceTrack[] tracks, bool isScreen)
    {
        List<VideoLane> pictures = [];
        List<SoundLane> sounds = [];
        foreach (SourceTrack track in tracks)
        {
            if (!track.IsVideo)
            {
                sounds.Add(new SoundLane(Read(new TrackReader(_source, track, clocks), null)));
                continue;
            }
            foreach (string encoding in new TrackReader(_source, track, clocks).ReadEncodings())
                pictures.Add(new VideoLane(Read(new TrackReader(_source, track, clocks), encoding)));
        }
        SourceTrack first = tracks[0];
        string name = first.Name.Length > 0 ? first.Name : first.Identity;
        SourceSpan[] spans = [.. _source.Spans.Where(span => span.Track == 0 || tracks.Any(track => track.IsVideo && track.Number == span.Track))];
        return new CompositeSeat(name, isScreen, pictures, sounds, spans, new TilePainter(_options.FontFile, _filters));

        IEnumerable<EncodedUnit> Read(TrackReader reader, string? encoding)
        {
            _readers.Add(reader);
            return reader.Read(encoding);
        }
    }

    private IEnumerable<(long FromMs, long ToMs, string Title)> Chapters() =>
        from span in _source.Spans
        where span.Track == 0 && span.To > span.From
        orderby span.From
        select (Math.Max(0, span.From.Milliseconds), span.To.Milliseconds, span.Cause);

    private void MixTo(CompositeFile file, long to)
    {
        long samples = to * SoundLane.SampleRate / Second;
        Span<float> mix = stackalloc float[MixBlock * SoundLane.Channels];
        for (; _mixed < samples; _mixed += MixBlock)
        {
            mix.Clear();
            long end = (_mixed + MixBlock) * Second / SoundLane.SampleRate;
            foreach (CompositeSeat seat in _seats) _speaker.Hear(seat, seat.MixInto(mix, end));
            _speaker.Decide(end);
            file.WriteSound(mix);
        }
    }

    private void Paint(long at, long early)
    {
        foreach (CompositeSeat seat in _seats) seat.Advance(at + early);
        CompositeSeat[] shown = [.. _seats.Where(seat => seat.IsPresent(at)).OrderByDescending(seat => seat.IsScreen).Take(CompositeGeometry.MaxTiles)];
        int large = Math.Max(0, Array.FindIndex(shown, seat => seat.IsScreen) is var screen && screen >= 0 ? screen : Array.IndexOf(shown, _speaker.Current));
        TilePlace[] places = CompositeGeometry.Place(_layout, shown.Length, large, _options.Width, _options.Height);
        if (!shown.SequenceEqual(_shown) || !places.SequenceEqual(_places))
        {
            (_shown, _places) = (shown, places);
            Canvas.Fill(Writable(), new TilePlace(0, 0, _options.Width, _options.Height), Canvas.Background);
        }
        for (int i = 0; i < shown.Length; i++)
        {
            Canvas.Copy(shown[i].Paint(at, places[i].Width, places[i].Height, LostAfter), Writable(), places[i]);
            if (shown[i] == _speaker.Current && shown.Length > 1) Canvas.Border(_canvas, places[i], Canvas.Speaking);
        }
        PaintClock(at);
    }

    private void PaintClock(long at)
    {
        const int Width = 152, Height = 28;
        string text = "REC " + _source.Start.AddTicks(at / 100).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        _clock.Paint(null, 0, Width, Height, text, "");
        Canvas.Copy(_clock.Tile, Writable(), new TilePlace(_options.Width - Width - 8 & ~1, 8, Width, Height));
    }

    // The encoder may still read the picture before: then this is a copy.
    private AvFrame Writable()
    {
        AvException.Check(LibAvUtil.MakeWritable(_canvas), "canvas");
        return _canvas;
    }
}
