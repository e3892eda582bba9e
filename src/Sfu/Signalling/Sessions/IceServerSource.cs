using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Signalling.Protocol;

namespace Sfu.Signalling.Sessions;

/// <summary>The STUN and TURN servers that clients are told to use, with fresh credentials where a server takes time-limited ones.</summary>
internal sealed class IceServerSource(IOptions<SignallingOptions> options, TimeProvider time)
{
    /// <summary>The servers for one participant.</summary>
    /// <param name="identity">Whose; it is part of a time-limited user name, for the TURN server's log and quota.</param>
    public IReadOnlyList<IceServerBody> For(string identity) => [.. options.Value.IceServers.Select(server => Body(server, identity))];

    /// <summary>Those that need no credentials: what may be told without a token.</summary>
    public IReadOnlyList<IceServerBody> Open() =>
        [.. options.Value.IceServers.Where(server => server.Secret.Length == 0 && server.Credential.Length == 0).Select(server => Body(server, ""))];

    private IceServerBody Body(IceServerOptions server, string identity)
    {
        if (server.Secret.Length > 0) return WithLimitedCredentials(server, identity);
        return server.Credential.Length > 0
            ? new IceServerBody([.. server.Urls], server.Username, server.Credential)
            : new IceServerBody([.. server.Urls], null, null);
    }

    // The scheme of draft-uberti-behave-turn-rest-00 section 2.2, as coturn's use-auth-secret reads it.
    private IceServerBody WithLimitedCredentials(IceServerOptions server, string identity)
    {
        string username = $"{(time.GetUtcNow() + server.CredentialLifetime).ToUnixTimeSeconds()}:{identity}";
#pragma warning disable CA5350 // the scheme is HMAC-SHA1; no other is understood by TURN servers
        byte[] password = HMACSHA1.HashData(Encoding.UTF8.GetBytes(server.Secret), Encoding.UTF8.GetBytes(username));
#pragma warning restore CA5350
        return new IceServerBody([.. server.Urls], username, Convert.ToBase64String(password));
    }
}
