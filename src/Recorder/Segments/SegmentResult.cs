using Sfu.Recorder.Files;
using Sfu.Recorder.Journal;

namespace Sfu.Recorder.Segments;

/// <summary>How far a segment came.</summary>
/// <param name="Step">The step that failed, or done.</param>
/// <param name="File">What the file system said.</param>
/// <param name="Journal">What was wrong with a chunk.</param>
/// <param name="Message">What the signer or the vault said.</param>
public sealed record SegmentResult(SegmentStep Step, FileFailure File = default, JournalFailure Journal = default, string? Message = null)
{
    /// <summary>Everything is durable and signed.</summary>
    public static SegmentResult Done { get; } = new(SegmentStep.Done);
}
