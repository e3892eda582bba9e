using Sfu.Media;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Timeline;

namespace Sfu.Recorder.Derivation;

/// <summary>The first pass over a recording: a clock for each stream of it (RECORDING.md 4.4).</summary>
public sealed class TrackClocks
{
    private readonly Dictionary<(int Track, uint Ssrc), StreamClock> _clocks = [];

    private TrackClocks()
    {
    }

    /// <summary>How well each stream's clock is known.</summary>
    public IEnumerable<(int Track, uint Ssrc, ClockFitQuality Quality)> Qualities => _clocks.Select(pair => (pair.Key.Track, pair.Key.Ssrc, pair.Value.Quality));

    /// <summary>Reads all tracks once.</summary>
    public static TrackClocks Fit(IRecordingSource source, CancellationToken cancel)
    {
        var clocks = new TrackClocks();
        foreach (IGrouping<string, SourceTrack> participant in source.Tracks.GroupBy(track => track.Participant))
        {
            List<((int, uint) Key, StreamObservations Seen)> streams = [];
            foreach (SourceTrack track in participant) streams.AddRange(Observe(source, track, cancel).Select(pair => ((track.Number, pair.Key), pair.Value)));
            IReadOnlyList<StreamClock> fitted = ClockFit.Fit([.. streams.Select(stream => stream.Seen)]);
            for (int i = 0; i < fitted.Count; i++) clocks._clocks[streams[i].Key] = fitted[i];
        }
        return clocks;
    }

    /// <summary>The clock of a stream; null when no packet of it was usable.</summary>
    public StreamClock? Find(int track, uint ssrc) => _clocks.GetValueOrDefault((track, ssrc));

    private static Dictionary<uint, StreamObservations> Observe(IRecordingSource source, SourceTrack track, CancellationToken cancel)
    {
        var streams = new Dictionary<uint, StreamObservations>();
        foreach (SourceRecord record in source.Read(track.Number))
        {
            cancel.ThrowIfCancellationRequested();
            if (record.Kind == SourceRecordKind.Rtcp) TakeReports(record, streams);
            else if (RtpHeader.Parse(record.Payload.Span, out RtpHeader header) == DropReason.None
                && track.FormatOf(header.Ssrc.Value, header.PayloadType) is { } format)
            {
                if (!streams.TryGetValue(header.Ssrc.Value, out StreamObservations? seen))
                    streams.Add(header.Ssrc.Value, seen = new StreamObservations(Math.Max(1, format.ClockRate)));
                seen.OnPacket(header.Timestamp, record.At);
            }
        }
        return streams;
    }

    private static void TakeReports(SourceRecord record, Dictionary<uint, StreamObservations> streams)
    {
        if (RtcpReader.Open(record.Payload.Span, out RtcpReader reader) != DropReason.None) return;
        while (reader.MoveNext(out RtcpPacket packet))
            if (SenderReport.TryParse(packet, out SenderReport report) == DropReason.None && streams.TryGetValue(report.Ssrc.Value, out StreamObservations? seen))
                seen.OnSenderReport(report.Ntp, report.Timestamp, record.At);
    }
}
