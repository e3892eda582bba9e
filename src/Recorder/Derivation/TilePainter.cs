using System.Globalization;
using Sfu.Recorder.Native;

namespace Sfu.Recorder.Derivation;

/// <summary>Paints one tile: a picture turned, scaled, and with a name on it, or a dark one with a text. A filter graph is built when the
/// form of picture, tile or text changes, and only then.</summary>
internal sealed class TilePainter(string fontFile, ISet<string> filters) : IDisposable
{
    private readonly AvFrame _blank = new();
    private AvFilterGraph? _graph;
    private nint _source;
    private string _text = "";
    private long _frames;

    /// <summary>The tile, of the size that was asked for.</summary>
    public AvFrame Tile { get; } = new();

    /// <summary>Paints.</summary>
    /// <param name="picture">The picture, or null for none.</param>
    /// <param name="rotation">Degrees by which it is to be turned clockwise.</param>
    /// <param name="width">Of the tile.</param>
    /// <param name="height">Of the tile.</param>
    /// <param name="name">Below on the left; may be empty.</param>
    /// <param name="notice">In the middle, on a darkened picture; may be empty.</param>
    public void Paint(AvFrame? picture, int rotation, int width, int height, string name, string notice)
    {
        if (picture is null && (_blank.Width, _blank.Height) != (width, height)) MakeBlank(width, height);
        AvFrame source = picture ?? _blank;
        string text = Describe(source, rotation, width, height, name, notice);
        if (text != _text) Build(text);
        source.Pts = _frames++;
        _graph!.Push(_source, source);
        Tile.Clear();
        if (!_graph.Pull(Tile)) throw new AvException($"no picture came out of {text}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _graph?.Dispose();
        _blank.Dispose();
        Tile.Dispose();
    }

    private void Build(string text)
    {
        _graph?.Dispose();
        _graph = new AvFilterGraph(text);
        _source = _graph.Source("buffer@in");
        _text = text;
        filters.Add(text);
    }

    private string Describe(AvFrame source, int rotation, int width, int height, string name, string notice)
    {
        string turn = rotation switch { 90 => "transpose=clock,", 180 => "hflip,vflip,", 270 => "transpose=cclock,", _ => "" };
        string dark = notice.Length > 0 ? "lutyuv=y=val*0.35," : "";
        int nameSize = Math.Clamp(height / 16, 10, 28), noticeSize = Math.Clamp(height / 10, 12, 44);
        string text = string.Create(CultureInfo.InvariantCulture, $"buffer@in=video_size={source.Width}x{source.Height}:pix_fmt={source.Format}:time_base=1/1000:pixel_aspect=1/1,")
            + string.Create(CultureInfo.InvariantCulture, $"{turn}scale=w={width}:h={height}:force_original_aspect_ratio=decrease:force_divisible_by=2,setsar=1,")
            + string.Create(CultureInfo.InvariantCulture, $"format=yuv420p,{dark}pad=w={width}:h={height}:x=trunc((ow-iw)/4)*2:y=trunc((oh-ih)/4)*2:color=0x101418");
        if (name.Length > 0) text += Draw(name, nameSize, "x=8:y=h-th-8");
        if (notice.Length > 0) text += Draw(notice, noticeSize, "x=(w-tw)/2:y=(h-th)/2");
        return text + ",format=yuv420p,buffersink@out";
    }

    private string Draw(string text, int size, string place) => string.Create(CultureInfo.InvariantCulture,
        $",drawtext=fontfile={FilterText.Escape(fontFile)}:expansion=none:text={FilterText.Escape(text)}:fontsize={size}:fontcolor=white:box=1:boxcolor=black@0.5:boxborderw=4:{place}");

    private unsafe void MakeBlank(int width, int height)
    {
        _blank.AllocatePicture(width, height, AvLayout.PixelYuv420);
        Canvas.Fill(_blank, new TilePlace(0, 0, width, height), Canvas.Background);
    }
}
