using Sfu.Media.Codecs;
using Sfu.Recorder.Native;

namespace Sfu.Recorder.Derivation;

/// <summary>Decodes one encoding of one track as time goes on, and holds the picture of the moment.</summary>
internal sealed class VideoLane(IEnumerable<EncodedUnit> units) : IDisposable
{
    private readonly IEnumerator<EncodedUnit> _units = units.GetEnumerator();
    private readonly AvPacket _packet = new();
    private readonly AvFrame _decoded = new();
    private AvCodecContext? _context;
    private MediaCodec _codec;
    private bool _isStarted;

    /// <summary>The unit that comes next; null at the end.</summary>
    public EncodedUnit? Next { get; private set; }

    /// <summary>The picture of the moment; empty before the first.</summary>
    public AvFrame Picture { get; } = new();

    /// <summary>There is a picture.</summary>
    public bool HasPicture { get; private set; }

    /// <summary>When it was captured; nanoseconds from the start of the recording.</summary>
    public long PictureAt { get; private set; }

    /// <summary>Degrees by which it is to be turned clockwise.</summary>
    public int Rotation { get; private set; }

    /// <summary>Counts pictures.</summary>
    public long Number { get; private set; }

    /// <summary>Frames that the decoder refused.</summary>
    public long Failures { get; private set; }

    /// <summary>Decodes up to a time.</summary>
    public void Advance(long to)
    {
        if (!_isStarted) MoveNext();
        while (Next is { } unit && unit.At <= to)
        {
            Decode(unit);
            MoveNext();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _units.Dispose();
        _context?.Dispose();
        _packet.Dispose();
        _decoded.Dispose();
        Picture.Dispose();
    }

    private void MoveNext()
    {
        _isStarted = true;
        Next = _units.MoveNext() ? _units.Current : null;
    }

    private void Decode(EncodedUnit unit)
    {
        if (_context is null || unit.Codec != _codec) Open(unit);
        _packet.Fill(unit.Data.Span);
        _packet.Pts = unit.At;
        _packet.Dts = unit.At;
        if (!_context!.Send(_packet)) Failures++;
        while (_context.Receive(_decoded))
        {
            Picture.Clear();
            AvException.Check(LibAvUtil.ReferenceFrame(Picture, _decoded), "picture");
            HasPicture = true;
            PictureAt = unit.At;
            Rotation = unit.Rotation;
            Number++;
        }
    }

    private void Open(EncodedUnit unit)
    {
        _context?.Dispose();
        _codec = unit.Codec;
        using AvCodecParameters parameters = AvCodecParameters.Video(AvCodecNames.Id(unit.Codec), unit.Width, unit.Height, unit.ParameterSets.Span);
        // One thread and no delay: each frame comes out before the next goes in.
        _context = AvCodecContext.OpenDecoder(AvCodecNames.Decoder(unit.Codec), parameters, ("threads", "1"), ("flags", "+low_delay"));
    }
}
