using Sfu.Recorder.Keys;
using Sfu.Recorder.Segments;

namespace Sfu.Recorder.Evidence;

/// <summary>Signs what the recorder closed: manifests, sums, and the wish for a time-stamp.</summary>
/// <remarks>
/// Called on the recorder's segment thread only. What is kept in memory about an open recording can always be made again from its folder, and
/// is thrown away when a step fails: the next call begins from what lies on the disk.
/// </remarks>
/// <param name="keys">The tenant's signing keys.</param>
/// <param name="authorityPem">Certificates of the time-stamp authority.</param>
/// <param name="vault">Wrapped keys, to read earlier segments back after a restart.</param>
/// <param name="kek">Unwraps them.</param>
/// <param name="written">Told of each manifest that needs a token; returns at once.</param>
/// <param name="time">The clock of signatures.</param>
/// <param name="sealedWith">Told what a recording holds and lacks when it was sealed; returns at once and throws nothing.</param>
public sealed class EvidenceSink(
    SigningKeys keys, string authorityPem, IKeyVault vault, IKeyEncryptionKey kek, Action<string> written, TimeProvider time,
    Action<CompletenessReport>? sealedWith = null) : ISegmentSink
{
    private readonly Dictionary<Guid, RecordingEvidence> _open = [];

    /// <inheritdoc/>
    public void Open(RecordingInfo recording, string node) => Guarded(recording, node, 1, _ => true);

    /// <inheritdoc/>
    public void Accept(ClosedSegment segment) => Guarded(segment.Info, segment.Facts.Node, segment.Facts.No, evidence =>
    {
        if (evidence.Accepted < segment.Facts.No) written(evidence.Accept(segment, time.GetUtcNow()));
        return true;
    });

    /// <inheritdoc/>
    public void Seal(ClosedRecording recording)
    {
        if (!new EvidenceFolder(recording.Info.Folder).IsSealed)
        {
            Guarded(recording.Info, recording.Node, recording.Segments + 1, evidence =>
            {
                written(evidence.Seal(recording, time.GetUtcNow(), out CompletenessReport report));
                sealedWith?.Invoke(report);
                return true;
            });
        }

        _open.Remove(recording.Info.Id);
    }

    /// <param name="info">The recording.</param>
    /// <param name="node">The node.</param>
    /// <param name="next">The segment that comes now: those before it lie in the folder, signed.</param>
    /// <param name="step">What to do.</param>
    private void Guarded(RecordingInfo info, string node, int next, Func<RecordingEvidence, bool> step)
    {
        bool isDone = false;
        try
        {
            if (!_open.TryGetValue(info.Id, out RecordingEvidence? evidence))
            {
                evidence = RecordingEvidence.Open(info, node, next, keys, authorityPem, vault, kek, time.GetUtcNow());
                _open.Add(info.Id, evidence);
            }

            isDone = step(evidence);
        }
        finally
        {
            if (!isDone) _open.Remove(info.Id);
        }
    }
}
