using Sfu.Media.Rtp;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>How a producer's formats reach a viewer on one section.</summary>
/// <param name="Mid">The viewer's section.</param>
/// <param name="Codecs">Per payload type of the producer what the viewer gets; at least one.</param>
/// <param name="Extensions">Header extension ids the viewer expects.</param>
public sealed record ConsumerSelection(string Mid, IReadOnlyList<CodecMapping> Codecs, HeaderExtensionMap Extensions)
{
    /// <summary>True when the viewer takes retransmissions (RFC 4588): the consumer needs a second SSRC.</summary>
    public bool UsesRtx
    {
        get
        {
            foreach (CodecMapping mapping in Codecs)
            {
                if (mapping.Viewer.RtxPayloadType is not null) return true;
            }

            return false;
        }
    }
}
