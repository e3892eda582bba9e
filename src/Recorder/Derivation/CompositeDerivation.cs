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
    private CompositeSeat? _marked;                    // who has the border on the canvas
    private string _time = "";                         // what the clock on the canvas says
    private long _mixed;

    /// <summary>Prepares it.</summary>
    public CompositeDerivation(IRecordingSource source, TrackClocks clocks, CompositeLayout layout, CompositeOptions options, string path, Action<long> advanced)
    {
        (_source, _layout, _options, _path, _advanced) = (source, layout, options, path, advanced);
        _clock = new TilePainter(options.FontFile, new HashSet<string>()); // a text a second: not in the manifest
        foreach (IGrouping<(string, bool), SourceTrack> group in source.Tracks.GroupBy(track => (track.Participant, IsScreen(track))))
            _seats.Add(MakeSeat(clocks, [.. group], group.Key.Item2));
        // Who never sent anything was there too: seen last, so that a full canvas shows those who did.
        foreach (IGrouping<string, SourcePresence> silent in source.Presence.GroupBy(there => there.Participant))
            if (!source.Tracks.Any(track => track.Participant == silent.Key && !IsScreen(track))) _seats.Add(MakeSeat([.. silent]));
    }

    /// <summary>Texts of the graphs that were used.</summary>
    public IEnumerable<string> Filters => _filters;

    /// <summary>Frames and packets that were no use.</summary>
    public long Unusable => _readers.Sum(reader => reader.Unusable) + _seats.Sum(seat => seat.Failures);

    /// <summary>Renders to the end.</summary>
    public DerivedPart Render()
    {
        // A constant rate: to the end of the picture in which the recording ends.
        long rate = _options.FramesPerSecond, half = Second / rate / 2;
        long pictures = Math.Max(1, (_source.Length.Nanoseconds * rate + Second - 1) / Second), end = pictures * Second / rate;
        using var file = new CompositeFile(_path, _options, new PartDescription(_source.Id, 0, "", _source.Start), Chapters());
        _canvas.AllocatePicture(_options.Width, _options.Height, AvLayout.PixelYuv420);
        Canvas.Fill(_canvas, new TilePlace(0, 0, _options.Width, _options.Height), Canvas.Background); // until somebody comes
        for (long number = 0; number < pictures; number++)
        {
            long at = number * Second / rate;
            MixTo(file, (number + 1) * Second / rate);
            Paint(at, half);                           // what is captured between two pictures goes to the nearer of both
            file.WritePicture(_canvas);
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
        SourceSpan[] spans = [.. _source.Spans.Where(span => span.Track == 0 || tracks.Any(track => track.Number == span.Track && (track.IsVideo || span.Cause == "paused")))];
        SourcePresence[] presence = isScreen ? [] : [.. _source.Presence.Where(there => there.Participant == first.Participant)];
        return new CompositeSeat(name, isScreen, pictures, sounds, presence, spans, new TilePainter(_options.FontFile, _filters));

        IEnumerable<EncodedUnit> Read(TrackReader reader, string? encoding)
        {
            _readers.Add(reader);
            return reader.Read(encoding);
        }
    }

    private CompositeSeat MakeSeat(SourcePresence[] presence)
    {
        string name = presence[0].Name.Length > 0 ? presence[0].Name : presence[0].Identity;
        SourceSpan[] spans = [.. _source.Spans.Where(span => span.Track == 0)];
        return new CompositeSeat(name, false, [], [], presence, spans, new TilePainter(_options.FontFile, _filters));
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
        TilePlace[] places = CompositeGeometry.Place(_layout, shown.Length, LargeOf(shown), _options.Width, _options.Height);
        CompositeSeat? marked = shown.Length > 1 ? _speaker.Current : null;
        bool isNew = !shown.SequenceEqual(_shown) || !places.SequenceEqual(_places), isChanged = isNew;
        if (isNew)
        {
            (_shown, _places) = (shown, places);
            Canvas.Fill(Writable(), new TilePlace(0, 0, _options.Width, _options.Height), Canvas.Background);
        }
        // A copy for what changed only: most pictures of a call, 60 a second, are like the one before.
        for (int i = 0; i < shown.Length; i++)
        {
            if (!shown[i].Paint(at, places[i].Width, places[i].Height, LostAfter) && !isNew && shown[i] == marked == (shown[i] == _marked)) continue;
            Canvas.Copy(shown[i].Tile, Writable(), places[i]);
            if (shown[i] == marked) Canvas.Border(_canvas, places[i], Canvas.Speaking);
            isChanged = true;
        }
        _marked = marked;
        PaintClock(at, isChanged);
    }

    // A screen, else who speaks, else the first of whom something was seen or heard.
    private int LargeOf(CompositeSeat[] shown)
    {
        int large = Array.FindIndex(shown, seat => seat.IsScreen);
        if (large < 0) large = Array.IndexOf(shown, _speaker.Current);
        if (large < 0) large = Array.FindIndex(shown, seat => seat.HasCome);
        return Math.Max(0, large);
    }

    private void PaintClock(long at, bool isOverpainted)
    {
        const int Width = 152, Height = 28;
        string text = "REC " + _source.Start.AddTicks(at / 100).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        if (text == _time && !isOverpainted) return;
        if (text != _time) _clock.Paint(null, 0, Width, Height, _time = text, "");
        Canvas.Copy(_clock.Tile, Writable(), new TilePlace(_options.Width - Width - 8 & ~1, 8, Width, Height));
    }

    // The encoder may still read the picture before: then this is a copy.
    private AvFrame Writable()
    {
        AvException.Check(LibAvUtil.MakeWritable(_canvas), "canvas");
        return _canvas;
    }
}
