namespace Sfu.Recorder.Evidence;

/// <summary>How much of what was said can be heard: 0 to 100, audio first (RECORDING.md section 6).</summary>
internal static class QualityScore
{
    private const double PerPercentLost = 4;
    private const double LongGap = 10, OutOfSync = 10, NoSenderReport = 5, RecorderMissing = 5;
    private const long LongGapMilliseconds = 400;
    private const double OutOfSyncMilliseconds = 40;

    /// <summary>The score of every participant, and of the call: that of its worst participant.</summary>
    internal static QualityEntry Of(
        IEnumerable<TrackFacts> tracks, IReadOnlyList<StreamLedger> streams, IReadOnlyList<Gap> gaps, QualityConditions conditions)
    {
        Dictionary<uint, List<Gap>> losses = gaps.Where(gap => gap.Cause.IsLoss()).GroupBy(gap => gap.Track).ToDictionary(group => group.Key, group => group.ToList());
        ILookup<uint, StreamLedger> byTrack = streams.Where(stream => stream.HasPackets).ToLookup(stream => stream.Track);
        List<ParticipantQuality> participants =
        [
            .. tracks.Where(track => byTrack.Contains(track.No)).GroupBy(track => (track.Participant, track.Identity))
                .Select(group => Participant(group.Key.Participant, group.Key.Identity, [.. group], byTrack, losses, conditions)),
        ];
        bool faulty = streams.Any(stream => stream.Unarchived != 0);
        return new QualityEntry(faulty ? 0 : participants.Count == 0 ? 100 : participants.Min(participant => participant.Score), participants);
    }

    private static ParticipantQuality Participant(
        string id, string identity, List<TrackFacts> tracks, ILookup<uint, StreamLedger> streams, Dictionary<uint, List<Gap>> losses, QualityConditions conditions)
    {
        List<StreamLedger> own = [.. tracks.SelectMany(track => streams[track.No])];
        List<Gap> lostAudio = [.. tracks.Where(track => track.Kind == "audio").SelectMany(track => losses.GetValueOrDefault(track.No) ?? [])];
        long lost = lostAudio.Sum(gap => gap.Milliseconds), total = own.Where(stream => stream.IsAudio).Sum(stream => stream.SpanMilliseconds);
        long longest = lostAudio.Select(gap => gap.Milliseconds).DefaultIfEmpty().Max();
        double score = 100
            - (total > 0 ? 100.0 * lost / total * PerPercentLost : 0)
            - (longest > LongGapMilliseconds ? LongGap : 0)
            - (conditions.SyncResidualMilliseconds > OutOfSyncMilliseconds ? OutOfSync : 0)
            - (own.All(stream => !stream.Sender.IsKnown) ? NoSenderReport : 0)
            - (conditions.RecorderMissing ? RecorderMissing : 0);
        bool faulty = own.Any(stream => stream.Unarchived != 0);
        return new ParticipantQuality(id, identity, faulty ? 0 : Math.Round(Math.Clamp(score, 0, 100), 1), lost, longest);
    }
}
