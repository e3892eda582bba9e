using Sfu.Media.Codecs;
using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>What the server takes from a section the client sends on.</summary>
/// <param name="Kind">Audio or video.</param>
/// <param name="Mid">The section's mid.</param>
/// <param name="Codecs">Accepted formats in the client's numbering, the expected one first; their parameters are those of the answer.</param>
/// <param name="Extensions">Accepted header extensions.</param>
/// <param name="Encodings">Accepted encodings, lowest resolution first; at least one.</param>
public sealed record PublishSelection(
    MediaKind Kind, string Mid, IReadOnlyList<CodecFormat> Codecs, HeaderExtensionMap Extensions, IReadOnlyList<OfferedEncoding> Encodings);
