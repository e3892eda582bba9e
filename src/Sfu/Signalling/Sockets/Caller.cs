using System.Net;

namespace Sfu.Signalling.Sockets;

/// <summary>Who opened a socket.</summary>
/// <param name="Token">The token of the upgrade, not checked, or null.</param>
/// <param name="Address">The client's address, after trusted proxies; null when it is not known.</param>
internal sealed record Caller(string? Token, IPAddress? Address)
{
    /// <summary>Neither: both are nobody's business in a log.</summary>
    public override string ToString() => "caller";
}
