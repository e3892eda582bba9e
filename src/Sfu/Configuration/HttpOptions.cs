namespace Sfu.Configuration;

/// <summary>The HTTP and WebSocket port: section <c>Sfu:Http</c>.</summary>
public sealed class HttpOptions
{
    /// <summary>Section of these options.</summary>
    public const string Section = "Sfu:Http";

    /// <summary>Address to bind, IPv4 or IPv6; <c>0.0.0.0</c> = all of IPv4, <c>::</c> = all of both. Default <c>127.0.0.1</c>.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>TCP port; 0 to 65535, 0 = any. Default 7880.</summary>
    public int Port { get; set; } = 7880;

    /// <summary>PEM file with the server's certificate and its chain; empty = plain HTTP. Read again when it changes. Default empty.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>PEM file with the certificate's private key, unencrypted. Default empty.</summary>
    public string CertificateKey { get; set; } = "";

    /// <summary>Allows plain HTTP on an address that is not loopback: for a proxy in front that does TLS. Default false.</summary>
    public bool AllowPlain { get; set; }

    /// <summary>Networks (CIDR) of proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed, separated by commas. Default none.</summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>Most open connections; more are refused. 16 to 1000000; default 20000.</summary>
    public int MaxConnections { get; set; } = 20_000;
}
