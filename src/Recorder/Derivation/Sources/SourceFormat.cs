using Sfu.Media.Codecs;

namespace Sfu.Recorder.Derivation.Sources;

/// <summary>What packets of a track carry.</summary>
/// <param name="PayloadType">RTP payload type, or null: all packets of <paramref name="Ssrc"/>.</param>
/// <param name="Ssrc">The stream it holds for, or null: all of the track.</param>
/// <param name="Codec">The codec; RED and telephone events too.</param>
/// <param name="ClockRate">RTP clock in Hz.</param>
public sealed record SourceFormat(byte? PayloadType, uint? Ssrc, MediaCodec Codec, int ClockRate)
{
    /// <summary>Reads a codec's name as SDP writes it, in any case.</summary>
    public static bool TryParseCodec(string name, out MediaCodec codec)
    {
        (bool known, codec) = name.ToUpperInvariant() switch
        {
            "OPUS" => (true, MediaCodec.Opus),
            "RED" => (true, MediaCodec.Red),
            "G722" => (true, MediaCodec.G722),
            "PCMU" => (true, MediaCodec.Pcmu),
            "PCMA" => (true, MediaCodec.Pcma),
            "TELEPHONE-EVENT" => (true, MediaCodec.TelephoneEvent),
            "VP8" => (true, MediaCodec.Vp8),
            "VP9" => (true, MediaCodec.Vp9),
            "H264" => (true, MediaCodec.H264),
            "AV1" => (true, MediaCodec.Av1),
            "H265" => (true, MediaCodec.H265),
            _ => (false, default),
        };
        return known;
    }
}
