using Sfu.Media.Ice;
using Sfu.Router.Transport;

namespace Sfu.Simulation.Network;

/// <summary>One UDP datagram under way.</summary>
/// <param name="From">Where it claims to come from.</param>
/// <param name="To">Where it goes.</param>
/// <param name="Bytes">Its payload.</param>
/// <param name="IsForged">An attacker made it, or sent somebody else's again.</param>
internal sealed record Datagram(TransportAddress From, TransportAddress To, byte[] Bytes, bool IsForged = false)
{
    /// <summary>Its protocol, by the table of RFC 7983.</summary>
    internal DatagramKind Kind => Bytes.Length < 2 ? DatagramKind.Unknown : Demultiplexer.Classify(Bytes);

    /// <summary>Bytes that count for a rate cap: the same in every run of a seed, although DTLS lengths are not.</summary>
    internal int NominalLength => Kind == DatagramKind.Dtls ? 700 : Bytes.Length;
}
