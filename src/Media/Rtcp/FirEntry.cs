using Sfu.Media.Rtp;

namespace Sfu.Media.Rtcp;

/// <summary>One stream of a full intra request (RFC 5104 section 4.3.1.1).</summary>
/// <param name="Ssrc">The stream that shall send a key frame.</param>
/// <param name="CommandSequence">Number of the command; the same number again is the same command repeated.</param>
public readonly record struct FirEntry(Ssrc Ssrc, byte CommandSequence)
{
    /// <summary>Length on the wire, in bytes.</summary>
    internal const int Size = 8;
}
