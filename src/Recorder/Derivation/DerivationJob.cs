using System.Reflection;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Evidence;
using Sfu.Recorder.Native;
using Sfu.Recorder.Timeline;

namespace Sfu.Recorder.Derivation;

/// <summary>Makes one derivation: files in a folder that appears when all of them are complete, and <c>derivation.json</c> beside them.</summary>
/// <param name="source">The recording.</param>
/// <param name="request">What to make.</param>
/// <param name="root">The folder <c>derived</c> of the recording; made when it is not there.</param>
/// <param name="progress">Gets the share that is done, 0 to 1, now and then. Called on the thread that runs the job.</param>
/// <param name="alive">Called while the files are hashed, which is no progress. On the same thread; may throw to end it.</param>
public sealed class DerivationJob(IRecordingSource source, DerivationRequest request, string root, Action<double> progress, Action? alive = null)
{
    private const double ClockShare = 0.15;            // of the whole work: the first pass only reads
    private double _told = -1;

    /// <summary>Runs to the end.</summary>
    /// <returns>The folder.</returns>
    /// <exception cref="EvidenceException">There is nothing to make it of.</exception>
    /// <exception cref="AvException">FFmpeg could not do it.</exception>
    /// <exception cref="OperationCanceledException">It was told to end; nothing is left behind.</exception>
    public string Run(CancellationToken cancel)
    {
        CheckId(request.Id);
        Directory.CreateDirectory(root);
        string target = Path.Combine(root, request.Id), partial = target + ".partial";
        if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true); // of a run that was killed
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()) throw new IOException($"{target} is there already");
        Directory.CreateDirectory(partial);
        try
        {
            TrackClocks clocks = TrackClocks.Fit(source, cancel);
            Tell(ClockShare);
            DerivationManifest manifest = Make(clocks, partial, cancel);
            foreach (DerivedFile file in manifest.Files) Sync(Path.Combine(partial, file.Name));
            DurableFile.Write(Path.Combine(partial, DerivationManifest.FileName), manifest.ToJson());
            if (Directory.Exists(target)) Directory.Delete(target); // who asked may have made it, empty
            Directory.Move(partial, target);
            FileSync.Folder(root);
            Tell(1);
            return target;
        }
        finally
        {
            if (Directory.Exists(partial)) Directory.Delete(partial, recursive: true);
        }
    }

    private static void CheckId(string id)
    {
        if (id.Length is 0 or > 64 || !id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            throw new ArgumentException("An id has 1 to 64 letters, digits, - and _.", nameof(id));
    }

    private DerivationManifest Make(TrackClocks clocks, string folder, CancellationToken cancel)
    {
        var filters = new List<string>();
        List<(DerivedPart Part, SourceTrack? Track, string Encoding)> made;
        long unusable;
        if (request.Kind == DerivationKind.Composite)
        {
            using var composite = new CompositeDerivation(source, clocks, request.Layout, request.Composite, Path.Combine(folder, "composite.mp4"), at => Advance(at, 0, 1, cancel));
            made = [(composite.Render(), null, "")];
            filters.AddRange(composite.Filters);
            unusable = composite.Unusable;
        }
        else made = MakeTracks(clocks, folder, out unusable, cancel);
        if (made.Count == 0) throw new NothingToDeriveException($"{source.Id}: nothing to derive");
        return new DerivationManifest("sfu-der/1", request.Id, source.Id, request.Kind.ToString().ToLowerInvariant(),
            request.Kind == DerivationKind.Composite ? request.Layout.ToString() : null, ManifestJson.Utc(source.Start), Milliseconds(source.Length.Nanoseconds),
            ToolVersion, AvLibrary.Version, filters, source.Objects, source.UnreadableChunks, unusable, [.. clocks.Qualities.Select(Describe)],
            [.. made.Select(one => Describe(one.Part, one.Track, one.Encoding, folder))]);
    }

    private List<(DerivedPart, SourceTrack?, string)> MakeTracks(TrackClocks clocks, string folder, out long unusable, CancellationToken cancel)
    {
        SourceTrack[] tracks = [.. source.Tracks.Where(track => (request.Track is null || track.Number == request.Track)
            && (request.Kind == DerivationKind.Track || !track.IsVideo))];
        int done = 0;
        var derivation = new TrackDerivation(source, clocks, folder, at => Advance(at, done, tracks.Length, cancel));
        foreach (SourceTrack track in tracks)
        {
            if (request.Kind == DerivationKind.Audio && request.Format is null) derivation.Decode(track);
            else derivation.Mux(track, request.Format, request.WithSound ? SoundFor(track) : null);
            done++;
        }
        unusable = derivation.Unusable;
        return [.. derivation.Made.Select(one => (one.Part, (SourceTrack?)one.Track, one.Encoding))];
    }

    private SourceTrack? SoundFor(SourceTrack video) => source.Tracks.FirstOrDefault(track =>
        !track.IsVideo && track.Participant == video.Participant && track.Source.Contains("screen", StringComparison.OrdinalIgnoreCase)
            == video.Source.Contains("screen", StringComparison.OrdinalIgnoreCase));

    private static string ToolVersion => typeof(DerivationJob).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private static void Sync(string path)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        FileSync.File(file, path);
    }

    private void Advance(long at, int done, int parts, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        double share = Math.Clamp((double)at / Math.Max(1, source.Length.Nanoseconds), 0, 1);
        double all = ClockShare + (1 - ClockShare) * (done + share) / parts;
        if (all >= _told + 0.001) Tell(Math.Min(all, 0.99));
    }

    private void Tell(double share)
    {
        _told = share;
        progress(share);
    }

    private static DerivationManifest.ClockEntry Describe((int Track, uint Ssrc, ClockFitQuality Quality) clock) => new(clock.Track,
        clock.Ssrc.ToString("x8", System.Globalization.CultureInfo.InvariantCulture), clock.Quality.Reports, clock.Quality.Epochs,
        Milliseconds((long)clock.Quality.ResidualP99), Math.Round(clock.Quality.Skew * 1e6, 1));

    private DerivedFile Describe(DerivedPart part, SourceTrack? track, string encoding, string folder)
    {
        (long bytes, string hash) = FileHash.Of(Path.Combine(folder, part.File), alive);
        return new DerivedFile(part.File, bytes, hash, track?.Number ?? 0, encoding, track?.Identity ?? "", part.Reason,
            Milliseconds(part.Start), Milliseconds(part.Duration), part.Video?.ToString().ToLowerInvariant(), part.Audio?.ToString().ToLowerInvariant(),
            part.VideoFrames, part.AudioPackets, part.Rotation, part.TurnedFrames, part.LeftOutFrames, Milliseconds(part.LeftOutDuration));
    }

    private static double Milliseconds(long nanoseconds) => Math.Round(nanoseconds / 1e6, 3);
}
