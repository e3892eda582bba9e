using Sfu.Media.Codecs;
using Sfu.Media.Rtp;

namespace Sfu.Router.Workers.Commands;

/// <summary>What the negotiation said about one incoming track.</summary>
/// <param name="Kind">Audio or video.</param>
/// <param name="Mid">The m-section's mid; null when the client writes none (GStreamer): then SSRC and payload type decide.</param>
/// <param name="Codecs">Codecs the client may send, first = expected.</param>
/// <param name="Extensions">Header extension ids the client writes.</param>
/// <param name="Encodings">Simulcast encodings, lowest first; one element without RID when there is no simulcast.</param>
/// <param name="IsScreen">A shared screen or window: the last video to go when the worker is late.</param>
public sealed record ProducerParameters(
    MediaKind Kind, string? Mid, IReadOnlyList<CodecFormat> Codecs, HeaderExtensionMap Extensions, IReadOnlyList<EncodingParameters> Encodings,
    bool IsScreen = false);

/// <summary>One encoding of a producer.</summary>
/// <param name="Rid">Its RID, or null without simulcast.</param>
/// <param name="Ssrc">Its SSRC when the offer listed it, else null: learnt from MID, RID or payload type of the first packet.</param>
/// <param name="RtxSsrc">SSRC of its retransmissions when the offer listed it.</param>
/// <param name="MaxWidth">Width in pixels when known, else 0.</param>
/// <param name="MaxHeight">Height in pixels when known, else 0.</param>
public sealed record EncodingParameters(string? Rid, Ssrc? Ssrc, Ssrc? RtxSsrc, int MaxWidth = 0, int MaxHeight = 0);
