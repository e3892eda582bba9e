using Sfu.Media;
using Sfu.Media.Rtp;
using Sfu.Recorder.Derivation.Sources;

namespace Sfu.Recorder.Derivation;

/// <summary>The second pass: the packets of a track become coded frames and audio packets on the timeline of the recording.</summary>
/// <remarks>Only what can be decoded comes out; what is left out is counted. One enumeration at a time.</remarks>
/// <param name="source">The recording.</param>
/// <param name="track">The track.</param>
/// <param name="clocks">From the first pass.</param>
public sealed class TrackReader(IRecordingSource source, SourceTrack track, TrackClocks clocks)
{
    private readonly Dictionary<uint, IStreamUnits> _streams = [];

    /// <summary>Frames of which something came but that are no use: not complete, or what they need is missing.</summary>
    public long Unusable => _streams.Values.Sum(stream => stream.Unusable);

    /// <summary>Simulcast encodings of the track, in the order of their first packets; one empty text for a track without simulcast.</summary>
    public IReadOnlyList<string> ReadEncodings()
    {
        var found = new List<string>();
        foreach (SourceRecord record in source.Read(track.Number))
            if (record.Kind == SourceRecordKind.Rtp && RtpHeader.Parse(record.Payload.Span, out RtpHeader header) == DropReason.None
                && EncodingOf(header.Ssrc.Value) is var encoding && !found.Contains(encoding)) found.Add(encoding);
        return found;
    }

    /// <summary>Reads one encoding from the beginning, in the order of capture.</summary>
    /// <param name="encoding">One of <see cref="ReadEncodings"/>; null for all.</param>
    public IEnumerable<EncodedUnit> Read(string? encoding) => UnitSorter.Sort(ReadUnsorted(encoding));

    private IEnumerable<EncodedUnit> ReadUnsorted(string? encoding)
    {
        _streams.Clear();
        var ready = new List<EncodedUnit>();
        foreach (SourceRecord record in source.Read(track.Number))
        {
            if (record.Kind != SourceRecordKind.Rtp) continue;
            if (RtpHeader.Parse(record.Payload.Span, out RtpHeader header) != DropReason.None) continue;
            if (encoding is not null && EncodingOf(header.Ssrc.Value) != encoding) continue;
            if (StreamOf(header) is not { } stream) continue;
            stream.Add(header, record.Payload, record.At, ready);
            foreach (EncodedUnit unit in ready) yield return unit;
            ready.Clear();
        }
        foreach (IStreamUnits stream in _streams.Values) stream.Flush(ready);
        foreach (EncodedUnit unit in ready) yield return unit;
    }

    private IStreamUnits? StreamOf(in RtpHeader header)
    {
        uint ssrc = header.Ssrc.Value;
        if (_streams.TryGetValue(ssrc, out IStreamUnits? stream)) return stream;
        if (clocks.Find(track.Number, ssrc) is not { } clock) return null;
        stream = track.IsVideo ? new VideoUnits(track, ssrc, clock) : new AudioUnits(track, ssrc, clock);
        _streams.Add(ssrc, stream);
        return stream;
    }

    private string EncodingOf(uint ssrc) => track.Encodings.TryGetValue(ssrc, out string? name) ? name : "";
}
