using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Evidence;

/// <summary>
/// What should be in a recording and what is: sent (S), received (R) and archived (A) of every stream, lost numbers, gaps with causes
/// (RECORDING.md section 6). A comes from the side indexes, R from the media worker's receipts, S from the sender's reports.
/// </summary>
/// <remarks>Owned by whoever closes the recording's segments; not thread-safe. Reads no clock.</remarks>
public sealed class Completeness
{
    /// <summary>Gaps that a sealed manifest lists one by one.</summary>
    public const int MaxGaps = 100_000;

    private const int MaxSpans = 100_000;

    private readonly SortedDictionary<uint, TrackFacts> _tracks = [];
    private readonly List<StreamLedger> _order = [];
    private readonly Dictionary<(uint Track, uint Ssrc), StreamLedger> _streams = [];
    private readonly List<DeclaredSpan> _spans = [];
    private readonly List<InterruptionEntry> _interruptions = [];

    /// <summary>True while every receipt agreed with the archive: A = R.</summary>
    public bool IsArchived => _order.All(stream => stream.Unarchived == 0);

    /// <summary>Packets that were received and are not archived, over all streams.</summary>
    public long Unarchived => _order.Sum(stream => stream.Unarchived);

    /// <summary>Says whose a track is; before the first of its chunks is added.</summary>
    public void Declare(TrackFacts track) => _tracks[track.No] = track;

    /// <summary>Says what a stream is.</summary>
    /// <param name="track">Its track.</param>
    /// <param name="ssrc">The stream.</param>
    /// <param name="codec">Its codec, lower case.</param>
    /// <param name="clockRate">RTP clock in Hz, above 0.</param>
    /// <param name="rid">Simulcast encoding, or null.</param>
    public void Declare(uint track, uint ssrc, string codec, int clockRate, string? rid)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clockRate);
        StreamLedger stream = Stream(track, ssrc);
        (stream.Codec, stream.ClockRate, stream.Rid) = (codec, clockRate, rid);
    }

    /// <summary>Takes what a chunk's side index says.</summary>
    public void Add(ChunkFacts chunk)
    {
        foreach (StreamIndex index in chunk.Streams) Stream(chunk.Track, index.Ssrc).Add(index, chunk.FirstWallMicroseconds);
    }

    /// <summary>Takes the media worker's receipt for a stream.</summary>
    /// <param name="track">The track.</param>
    /// <param name="ssrc">The stream.</param>
    /// <param name="received">Different packets it received since the recording began, without what was withheld (R).</param>
    /// <param name="archived">Packets the journal took up to the same point of the stream (A).</param>
    public void Receipt(uint track, uint ssrc, long received, long archived) => Stream(track, ssrc).Receipt(received, archived);

    /// <summary>Takes the packet count of a sender report to which every packet of the stream added so far came before.</summary>
    public void SenderReport(uint track, uint ssrc, uint packetCount) => Stream(track, ssrc).Sent(packetCount);

    /// <summary>Takes the packet count of a sender report, after the chunk that it stands in.</summary>
    /// <param name="track">The track.</param>
    /// <param name="ssrc">The stream.</param>
    /// <param name="packetCount">What the report says.</param>
    /// <param name="before">Highest number of the stream that came before the report; null for one that stands before any packet of its segment.</param>
    public void SenderReport(uint track, uint ssrc, uint packetCount, ushort? before) => Stream(track, ssrc).Sent(packetCount, before);

    /// <summary>Says that numbers were withheld by a pause or for want of consent: they count as neither lost nor received.</summary>
    public void Withhold(uint track, uint ssrc, SequenceRange numbers) => Stream(track, ssrc).Withhold(numbers);

    /// <summary>Takes a time that the room's events explain. Beyond 100,000 of them the oldest are all that is kept.</summary>
    public void Explain(DeclaredSpan span)
    {
        if (_spans.Count < MaxSpans) _spans.Add(span);
    }

    /// <summary>Takes a time in which nothing was recorded.</summary>
    /// <param name="fromMicroseconds">Last record before.</param>
    /// <param name="toMicroseconds">First record after.</param>
    /// <param name="cause">Why, such as <c>recorder_restarted</c>.</param>
    public void Interrupt(long fromMicroseconds, long toMicroseconds, string cause)
    {
        _interruptions.Add(new InterruptionEntry(ManifestJson.Utc(fromMicroseconds), ManifestJson.Utc(toMicroseconds), cause));
        Explain(new DeclaredSpan(0, GapCause.RecorderFault, fromMicroseconds, toMicroseconds));
    }

    /// <summary>The tracks of the segment whose chunks were added last; begins the next one.</summary>
    public IReadOnlyList<TrackEntry> CloseSegment() => Tracks(stream => stream.HasOpenPackets, stream => stream.CloseSegment());

    /// <summary>The tracks, gaps and quality of the whole recording, after its last segment was closed.</summary>
    /// <param name="conditions">What the score takes into account besides.</param>
    public CompletenessReport Seal(QualityConditions conditions)
    {
        IReadOnlyList<TrackEntry> tracks = Tracks(stream => stream.HasPackets, stream => stream.Seal());
        List<Gap> gaps = [.. Losses(), .. Withheld(), .. Silences()];
        int omitted = Math.Max(0, gaps.Count - MaxGaps);
        if (omitted > 0) gaps = [.. gaps.OrderByDescending(gap => gap.Milliseconds).Take(MaxGaps)];
        gaps.Sort((a, b) => a.FromMicroseconds != b.FromMicroseconds ? a.FromMicroseconds.CompareTo(b.FromMicroseconds)
            : a.Track != b.Track ? a.Track.CompareTo(b.Track) : (a.Numbers?.First ?? 0).CompareTo(b.Numbers?.First ?? 0));
        return new CompletenessReport(tracks, gaps, omitted, _interruptions, QualityScore.Of(_tracks.Values, _order, gaps, conditions));
    }

    private IReadOnlyList<TrackEntry> Tracks(Func<StreamLedger, bool> has, Func<StreamLedger, StreamEntry> entry) =>
    [
        .. _order.Where(has).GroupBy(stream => stream.Track).OrderBy(group => group.Key).Select(group =>
        {
            TrackFacts track = _tracks.GetValueOrDefault(group.Key) ?? new TrackFacts(group.Key, "", "", "unknown", "unknown");
            return new TrackEntry(track.No, track.Participant, track.Identity, track.Kind, track.Source, [.. group.Select(entry)]);
        }),
    ];

    private IEnumerable<Gap> Losses() => _order.Where(stream => stream.HasPackets).SelectMany(stream => stream.Lost())
        .Select(lost => new Gap(lost.Track, lost.Ssrc, LossCause(lost), lost.FromMicroseconds, lost.ToMicroseconds, lost.Milliseconds, lost.Range));

    /// <summary>Pauses, mutes and the like: one gap each, with the numbers withheld in it left to the tracks.</summary>
    private IEnumerable<Gap> Withheld() => _spans.Where(span => !span.Cause.IsLoss() && span.ToMicroseconds < long.MaxValue)
        .Select(span => new Gap(span.Track, null, span.Cause, span.FromMicroseconds, span.ToMicroseconds, (span.ToMicroseconds - span.FromMicroseconds) / 1000, null));

    private IEnumerable<Gap> Silences() => _order.SelectMany(stream => stream.Silent)
        .Where(silence => !_spans.Any(span => !span.Cause.IsLoss() && Concerns(span, silence) && span.Overlap(silence.FromMicroseconds, silence.ToMicroseconds) > 0))
        .Select(silence => new Gap(silence.Track, silence.Ssrc, GapCause.Dtx, silence.FromMicroseconds, silence.ToMicroseconds, silence.Milliseconds, null));

    /// <summary>The declared cause that covers most of a loss; the wire when none covers half of it.</summary>
    private GapCause LossCause(LostRange lost)
    {
        (GapCause cause, long most) = (GapCause.WireLoss, 0);
        long to = Math.Max(lost.ToMicroseconds, lost.FromMicroseconds + 1);
        foreach (DeclaredSpan span in _spans)
        {
            if (!(span.Cause.IsLoss() || span.Cause == GapCause.Redacted) || !Concerns(span, lost)) continue;
            long overlap = span.Overlap(lost.FromMicroseconds, to);
            if (overlap * 2 >= to - lost.FromMicroseconds && overlap > most) (cause, most) = (span.Cause, overlap);
        }
        return cause;
    }

    private static bool Concerns(DeclaredSpan span, LostRange range) => span.Track == 0 || span.Track == range.Track;

    private StreamLedger Stream(uint track, uint ssrc)
    {
        if (_streams.TryGetValue((track, ssrc), out StreamLedger? stream)) return stream;
        bool isAudio = _tracks.GetValueOrDefault(track)?.Kind == "audio";
        stream = new StreamLedger(track, ssrc) { IsAudio = isAudio, ClockRate = isAudio ? 48_000 : 90_000 };
        _streams.Add((track, ssrc), stream);
        _order.Add(stream);
        return stream;
    }
}
