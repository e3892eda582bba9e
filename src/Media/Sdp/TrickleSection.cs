namespace Sfu.Media.Sdp;

/// <summary>Candidates of one section in a <see cref="TrickleFragment"/>.</summary>
/// <param name="Mid">The section's mid; null when the fragment names none.</param>
/// <param name="Candidates">Values of <c>a=candidate</c>, at most <see cref="SdpLimits.MaxCandidates"/>.</param>
/// <param name="EndOfCandidates">No further candidate of this section will follow.</param>
public sealed record TrickleSection(string? Mid, IReadOnlyList<string> Candidates, bool EndOfCandidates);
