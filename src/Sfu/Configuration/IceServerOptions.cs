namespace Sfu.Configuration;

/// <summary>One STUN or TURN server: an entry of <c>Sfu:Signalling:IceServers</c>.</summary>
public sealed class IceServerOptions
{
    /// <summary>Addresses, such as <c>stun:stun.example:3478</c> or <c>turns:turn.example:5349?transport=tcp</c>. 1 to 8.</summary>
    public IList<string> Urls { get; } = [];

    /// <summary>User name of a TURN server with fixed credentials, or empty.</summary>
    public string Username { get; set; } = "";

    /// <summary>Password of a TURN server with fixed credentials, or empty. A secret.</summary>
    public string Credential { get; set; } = "";

    /// <summary>Secret shared with a TURN server that takes time-limited credentials (coturn <c>use-auth-secret</c>), or empty. A secret.</summary>
    public string Secret { get; set; } = "";

    /// <summary>How long credentials made with <see cref="Secret"/> are good. 1 min to 24 h; default 10 min.</summary>
    public TimeSpan CredentialLifetime { get; set; } = TimeSpan.FromMinutes(10);
}
