using Sfu.Media.Codecs;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>A codec the server forwards.</summary>
/// <param name="Codec">The codec.</param>
/// <param name="Parameters">Format parameters: for video the profile that is meant, for audio what our answer asks for; may be empty.</param>
/// <param name="Feedback">RTCP feedback the server understands for it.</param>
public sealed record CodecCapability(MediaCodec Codec, string Parameters, CodecFeedback Feedback);
