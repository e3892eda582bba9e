namespace Sfu.Media.Sdp.Negotiation;

/// <summary>What the control plane decided about one section of an offer.</summary>
/// <param name="IsRejected">Close it (port 0, out of BUNDLE); its place may then be used for another mid.</param>
/// <param name="Publish">What we take from it, or null.</param>
/// <param name="Consume">What we send on it, or null.</param>
public sealed record SectionDecision(bool IsRejected, PublishSelection? Publish, ConsumerAssignment? Consume)
{
    /// <summary>Keep it open, with nothing in either direction for now.</summary>
    public static SectionDecision Idle { get; } = new(false, null, null);

    /// <summary>Close it.</summary>
    public static SectionDecision Reject { get; } = new(true, null, null);

    /// <summary>Take what the client sends.</summary>
    public static SectionDecision Take(PublishSelection selection) => new(false, selection, null);

    /// <summary>Send a consumer.</summary>
    public static SectionDecision Send(ConsumerAssignment assignment) => new(false, null, assignment);
}
