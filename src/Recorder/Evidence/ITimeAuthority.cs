namespace Sfu.Recorder.Evidence;

/// <summary>Something that answers RFC 3161 requests.</summary>
public interface ITimeAuthority
{
    /// <summary>Answers one request.</summary>
    /// <param name="request">DER of a TimeStampReq.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>DER of a TimeStampResp, still hostile; null when there was no answer.</returns>
    Task<byte[]?> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation);
}
