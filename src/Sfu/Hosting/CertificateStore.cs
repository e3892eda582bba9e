using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Sfu.Configuration;
using Sfu.Observability;

namespace Sfu.Hosting;

/// <summary>Holds the HTTPS certificate and reads it again when its files change; open connections keep the one they began with.</summary>
/// <remarks>Looks at the content every few seconds: file events miss what Kubernetes and bind mounts do. Owns the timer.</remarks>
public sealed class CertificateStore : IDisposable
{
    /// <summary>How long before its end a certificate is warned of: renewals that work come earlier (ACME clients renew at 30 days).</summary>
    internal static readonly TimeSpan WarnBefore = TimeSpan.FromDays(14);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly HttpOptions _options;
    private readonly ILogger<CertificateStore> _log;
    private readonly CertificateMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private volatile Loaded _current;
    private string _seen;
    private bool _isWarnedOf;

    /// <summary>Reads the files.</summary>
    /// <exception cref="StartUpException">They hold no certificate with its key.</exception>
    public CertificateStore(IOptions<HttpOptions> options, ILogger<CertificateStore> log, CertificateMetrics metrics, TimeProvider clock)
    {
        _options = options.Value;
        _log = log;
        _metrics = metrics;
        _clock = clock;
        try
        {
            (byte[] certificate, byte[] key) = ReadFiles();
            _seen = Fingerprint(certificate, key);
            _current = Load(certificate, key);
        }
        catch (Exception e) when (IsUnusable(e))
        {
            throw new StartUpException(ExitCode.Configuration, $"Sfu:Http:Certificate and Sfu:Http:CertificateKey cannot be used: {e.Message}", e);
        }

        OnLoaded();
        _timer = clock.CreateTimer(_ => Refresh(), null, Interval, Interval);
    }

    /// <summary>What new TLS connections present.</summary>
    public SslStreamCertificateContext Context => _current.Context;

    /// <summary>The end of the certificate, UTC.</summary>
    public DateTime NotAfter => _current.Certificate.NotAfter.ToUniversalTime();

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Refresh()
    {
        string seen = "unreadable";
        try
        {
            (byte[] certificate, byte[] key) = ReadFiles();
            seen = Fingerprint(certificate, key);
            if (seen != _seen)
            {
                _current = Load(certificate, key);
                OnLoaded();
            }
        }
        catch (Exception e) when (IsUnusable(e))
        {
            if (seen != _seen) _log.CertificateRefused(e.Message); // once for each content
        }

        _seen = seen;
        WarnOfTheEnd();
    }

    private void OnLoaded()
    {
        _log.CertificateLoaded(_current.Certificate.Subject, NotAfter);
        _metrics.Loaded(NotAfter);
        _isWarnedOf = false;
        WarnOfTheEnd();
    }

    /// <summary>Says once for each certificate that its end is near: when it is loaded, or when the time has come.</summary>
    private void WarnOfTheEnd()
    {
        TimeSpan left = NotAfter - _clock.GetUtcNow().UtcDateTime;
        if (_isWarnedOf || left >= WarnBefore) return;
        _isWarnedOf = true;
        _log.CertificateEnds(_current.Certificate.Subject, NotAfter, (int)left.TotalDays);
    }

    private (byte[] Certificate, byte[] Key) ReadFiles() => (File.ReadAllBytes(_options.Certificate), File.ReadAllBytes(_options.CertificateKey));

    private Loaded Load(byte[] certificatePem, byte[] keyPem)
    {
        string chainText = System.Text.Encoding.UTF8.GetString(certificatePem);
        using var certificate = X509Certificate2.CreateFromPem(chainText, System.Text.Encoding.UTF8.GetString(keyPem));
        DateTime end = certificate.NotAfter.ToUniversalTime();
        if (end < _clock.GetUtcNow().UtcDateTime) throw new CryptographicException($"The certificate ended at {end:u}.");

        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(chainText);
        // SslStream needs a key that is not ephemeral on some platforms; the round trip through PKCS 12 gives one on all.
        X509Certificate2 own = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        return new Loaded(own, SslStreamCertificateContext.Create(own, chain, offline: true));
    }

    private static string Fingerprint(byte[] certificate, byte[] key) =>
        Convert.ToHexString(SHA256.HashData([.. SHA256.HashData(certificate), .. SHA256.HashData(key)]));

    private static bool IsUnusable(Exception e) => e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private sealed record Loaded(X509Certificate2 Certificate, SslStreamCertificateContext Context);
}
