namespace Sfu.Router.Transport;

/// <summary>How long a transport waits for what.</summary>
/// <param name="Ice">From opening to the first valid check.</param>
/// <param name="Dtls">From the first valid check to the exported keys.</param>
/// <param name="Participant">Silence of the client (nothing authenticated) that ends the transport.</param>
internal sealed record TransportTimeouts(TimeSpan Ice, TimeSpan Dtls, TimeSpan Participant)
{
    /// <summary>Sending stops this long after the last authenticated packet from the address we send to (RFC 7675 section 5.1).</summary>
    internal static TimeSpan Consent { get; } = TimeSpan.FromSeconds(30);
}
