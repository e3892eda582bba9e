using System.Globalization;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Native;

namespace Sfu.Recorder.Derivation;

/// <summary>One tile of a composite: a participant with its camera and sound, if it has any, or a shared screen.</summary>
/// <param name="name">Stands on the tile.</param>
/// <param name="isScreen">A shared screen.</param>
/// <param name="pictures">Its encodings.</param>
/// <param name="sounds">Its tracks of sound.</param>
/// <param name="presence">When it was in the room; empty when nothing is known, and for screens.</param>
/// <param name="spans">Why something may be missing.</param>
/// <param name="painter">Its own.</param>
internal sealed class CompositeSeat(string name, bool isScreen, IReadOnlyList<VideoLane> pictures, IReadOnlyList<SoundLane> sounds, SourcePresence[] presence,
    SourceSpan[] spans, TilePainter painter) : IDisposable
{
    private const long Second = 1_000_000_000;
    private VideoLane? _lane;
    private (VideoLane? Lane, long Number, int Width, int Height, string Notice) _painted = (null, -1, 0, 0, "");
    private long _heardAt = long.MinValue / 2;

    /// <summary>A shared screen.</summary>
    public bool IsScreen => isScreen;

    /// <summary>Frames and packets that could not be decoded.</summary>
    public long Failures => pictures.Sum(lane => lane.Failures) + sounds.Sum(lane => lane.Failures);

    /// <summary>What was painted last.</summary>
    public AvFrame Tile => painter.Tile;

    /// <summary>Adds the next samples to the mix.</summary>
    /// <returns>Mean square of what was added.</returns>
    public float MixInto(Span<float> mix, long end)
    {
        float power = 0;
        foreach (SoundLane lane in sounds)
        {
            power += lane.MixInto(mix, end);
            if (lane.HasBegun && lane.Next is not null) _heardAt = end;
        }
        return power;
    }

    /// <summary>Decodes pictures up to a time and chooses the largest encoding that is alive.</summary>
    public void Advance(long at)
    {
        _lane = null;
        foreach (VideoLane lane in pictures)
        {
            lane.Advance(at);
            if (!lane.HasPicture) continue;
            bool isAlive = at - lane.PictureAt <= Second, isBestAlive = _lane is not null && at - _lane.PictureAt <= Second;
            if (_lane is null || isAlive && !isBestAlive || isAlive == isBestAlive && (isAlive ? Area(lane) > Area(_lane) : lane.PictureAt > _lane.PictureAt)) _lane = lane;
        }
    }

    /// <summary>Something of it was seen or heard.</summary>
    public bool HasCome => pictures.Any(lane => lane.HasPicture) || sounds.Any(lane => lane.HasBegun);

    /// <summary>It is in the room, with media or without, or it has come and not gone: something of it was seen or heard, and something will be or
    /// was just now.</summary>
    public bool IsPresent(long at)
    {
        foreach (SourcePresence there in presence)
            if (at >= there.From.Nanoseconds && at < there.To.Nanoseconds) return true;
        if (at - _heardAt < 2 * Second) return true;
        foreach (VideoLane lane in pictures)
            if (lane.HasPicture && (lane.Next is not null || at - lane.PictureAt < 2 * Second)) return true;
        return !isScreen && HasCome && Comes;
    }

    // On another track too: after a restart of the recorder everybody has new ones.
    private bool Comes => pictures.Any(lane => lane.Next is not null) || sounds.Any(lane => lane.Next is not null);

    /// <summary>Paints the tile for a time.</summary>
    /// <param name="at">Nanoseconds from the start of the recording.</param>
    /// <param name="width">Of the tile.</param>
    /// <param name="height">Of the tile.</param>
    /// <param name="lostAfter">No picture for longer is a gap.</param>
    /// <returns>True when it is not what it was.</returns>
    public bool Paint(long at, int width, int height, long lostAfter)
    {
        string notice = Notice(at, lostAfter, out bool keepPicture);
        AvFrame? picture = _lane is not null && keepPicture ? _lane.Picture : null;
        (VideoLane?, long, int, int, string) wanted = (picture is null ? null : _lane, picture is null ? 0 : _lane!.Number, width, height, notice);
        if (wanted == _painted) return false;
        _painted = wanted;
        painter.Paint(picture, picture is null ? 0 : _lane!.Rotation, width, height, name, notice);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (VideoLane lane in pictures) lane.Dispose();
        foreach (SoundLane lane in sounds) lane.Dispose();
        painter.Dispose();
    }

    // What to say in the place of a picture that does not come; the last one stays under it only where the network is to blame.
    private string Notice(long at, long lostAfter, out bool keepPicture)
    {
        keepPicture = true;
        foreach (SourceSpan span in spans)
        {
            if (at < span.From.Nanoseconds || at >= span.To.Nanoseconds || span.Cause is not ("paused" or "consent_pending" or "redacted" or "recorder_restarted")) continue;
            keepPicture = false;
            return span.Cause switch { "paused" => "paused", "consent_pending" => "consent pending", "redacted" => "redacted", _ => "not recorded" };
        }
        if (_lane is null || at - _lane.PictureAt <= lostAfter) return "";
        if (_lane.Next is not { IsAfterLoss: true } next)
        {
            keepPicture = false;
            return "no picture";
        }
        return string.Create(CultureInfo.InvariantCulture, $"signal lost {(next.At - _lane.PictureAt) / 1e9:F1} s");
    }

    private static long Area(VideoLane lane) => (long)lane.Picture.Width * lane.Picture.Height;
}
