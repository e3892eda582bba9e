using Sfu.Router.Producers;
using Sfu.Router.Transport;

namespace Sfu.Router.Workers;

/// <summary>What the sans-I/O heart of a worker is told once.</summary>
/// <param name="Timeouts">How long transports wait for what.</param>
/// <param name="HandshakeStepsPerTurn">DTLS datagrams processed in one turn, at least 1: each costs up to a millisecond.</param>
/// <param name="Seed">Keys the hash tables that strangers' addresses reach and gives rooms their first sequence numbers; random in production.</param>
/// <param name="Ufrags">Hears of the user name fragments it serves; null when nobody needs to know.</param>
/// <param name="Ingress">What participants may send; null for the defaults.</param>
internal sealed record WorkerCoreOptions(
    TransportTimeouts Timeouts, int HandshakeStepsPerTurn, ulong Seed, IUfragDirectory? Ufrags = null,
    IngressLimits? Ingress = null);
