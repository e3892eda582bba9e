using Sfu.Media.Codecs;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>How one payload type of the producer reaches a viewer.</summary>
/// <param name="ProducerPayloadType">Payload type on the incoming side.</param>
/// <param name="Viewer">The viewer's format: the same codec, or Opus for RED, when the primary block is to be taken out (RFC 2198).</param>
public sealed record CodecMapping(byte ProducerPayloadType, CodecFormat Viewer);
