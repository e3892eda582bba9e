using Sfu.Media.Codecs;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;
using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>What one offer and its answer agreed on: the base the next offer of the same transport is judged by. Immutable.</summary>
/// <param name="SessionId">Session id of our answers.</param>
/// <param name="Version">Version of the last answer; the next one is larger by 1.</param>
/// <param name="RemoteIce">The client's credentials.</param>
/// <param name="RemoteFingerprints">The client's certificate hashes.</param>
/// <param name="Sections">The sections in order.</param>
public sealed record NegotiatedSession(
    ulong SessionId, ulong Version, IceCredentials RemoteIce, IReadOnlyList<DtlsFingerprint> RemoteFingerprints,
    IReadOnlyList<NegotiatedSection> Sections);

/// <summary>One section of a <see cref="NegotiatedSession"/>.</summary>
/// <param name="Mid">Its mid; null when it never had one.</param>
/// <param name="Media">Its media type.</param>
/// <param name="IsRejected">Closed by either side; only then may the place be used for another mid or media type.</param>
/// <param name="Codecs">Accepted payload types.</param>
/// <param name="Extensions">Accepted header extensions.</param>
public sealed record NegotiatedSection(
    string? Mid, string Media, bool IsRejected, IReadOnlyList<CodecFormat> Codecs, HeaderExtensionMap Extensions);
