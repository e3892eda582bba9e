using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using Sfu.Configuration;

namespace Sfu.Hosting;

/// <summary>Where Kestrel listens, and what it puts up with (docs/threats.md T23: a slow or silent client is gone within 15 s).</summary>
internal sealed class KestrelSetup(IOptions<HttpOptions> options, IServiceProvider services) : IConfigureOptions<KestrelServerOptions>
{
    /// <summary>Largest body of a request, in bytes; routes may ask for less.</summary>
    public const int MaxBodySize = 1024 * 1024;

    /// <summary>Longest request line, in bytes: a WebSocket's holds the token.</summary>
    private const int MaxRequestLine = 20 * 1024;

    /// <inheritdoc/>
    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;
        SetLimits(kestrel.Limits);

        HttpOptions http = options.Value;
        var address = IPAddress.Parse(http.Address);
        kestrel.Listen(address, http.Port, listen =>
        {
            // Plain HTTP/2 needs prior knowledge that browsers do not have.
            listen.Protocols = http.Certificate.Length > 0 ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
            if (http.Certificate.Length > 0) listen.UseHttps(TlsOptions(services.GetRequiredService<CertificateStore>()));
        });
    }

    private void SetLimits(KestrelServerLimits limits)
    {
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(10); // also of a connection that never says anything; its clock ticks once a second, and late on a busy host
        limits.MaxRequestLineSize = MaxRequestLine;
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxRequestHeaderCount = 64;
        limits.MaxRequestBodySize = MaxBodySize;
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(10));
        limits.MaxConcurrentConnections = options.Value.MaxConnections;
        limits.MaxConcurrentUpgradedConnections = options.Value.MaxConnections;
        limits.Http2.MaxStreamsPerConnection = 100;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);
    }

    private static TlsHandshakeCallbackOptions TlsOptions(CertificateStore certificates) => new()
    {
        HandshakeTimeout = TimeSpan.FromSeconds(5),
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificates.Context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        }),
    };
}
