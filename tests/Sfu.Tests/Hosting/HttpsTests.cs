using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace Sfu.Tests.Hosting;

public sealed class HttpsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sfu-https-").FullName;

    private string Certificate => Path.Combine(_folder, "cert.pem");

    private string Key => Path.Combine(_folder, "key.pem");

    [Fact]
    public async Task Connect_AfterTheFilesChanged_GetsTheNewCertificateWhileOldConnectionsLive()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        Write("one.example");
        await using TestServer server = await StartAsync(builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        await using Connection old = await ConnectAsync(server);
        Assert.Equal(["CN=one.example", "CN=intermediate"], old.Presented);

        Write("two.example");
        clock.Advance(TimeSpan.FromSeconds(5));

        await using Connection fresh = await ConnectAsync(server);
        Assert.Equal("CN=two.example", fresh.Presented[0]);
        Assert.StartsWith("HTTP/1.1 200", await old.GetAsync("/healthz/live"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Connect_ByModernTls_IsServedByHttp2Also(SslProtocols protocol)
    {
        Write("one.example");
        await using TestServer server = await StartAsync();

        await using Connection connection = await ConnectAsync(server, protocol, SslApplicationProtocol.Http2, SslApplicationProtocol.Http11);

        Assert.Equal((protocol, SslApplicationProtocol.Http2), (connection.Stream.SslProtocol, connection.Stream.NegotiatedApplicationProtocol));
    }

    [Fact]
    public async Task Connect_ByOldTls_IsRefused()
    {
        Write("one.example");
        await using TestServer server = await StartAsync();

#pragma warning disable SYSLIB0039, CA5397 // the point of the test
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(server, SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<TestServer> StartAsync(Action<WebApplicationBuilder>? adapt = null) =>
        TestServer.StartAsync(adapt, ($"ApiKeys:{TestServer.Key}", TestServer.Secret), ("Http:Certificate", Certificate), ("Http:CertificateKey", Key));

    private void Write(string name)
    {
        (string chain, string key) = TestCertificates.Make(name);
        File.WriteAllText(Certificate, chain);
        File.WriteAllText(Key, key);
    }

    private static async Task<Connection> ConnectAsync(TestServer server, SslProtocols protocols = SslProtocols.None, params SslApplicationProtocol[] alpn)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Address.Port);
        var presented = new List<string>();
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "one.example",
            EnabledSslProtocols = protocols,
            ApplicationProtocols = [.. alpn],
            CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, VerificationFlags = X509VerificationFlags.AllFlags },
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                presented.Add(certificate!.Subject);
                presented.AddRange(chain!.ChainPolicy.ExtraStore.Select(c => c.Subject).Where(subject => subject != certificate.Subject));
                return true;
            },
        });
        return new Connection(client, stream, presented);
    }

    private sealed record Connection(TcpClient Client, SslStream Stream, List<string> Presented) : IAsyncDisposable
    {
        public async Task<string> GetAsync(string path)
        {
            await Stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: one.example\r\n\r\n"));
            byte[] buffer = new byte[4096];
            return System.Text.Encoding.ASCII.GetString(buffer, 0, await Stream.ReadAsync(buffer));
        }

        public async ValueTask DisposeAsync()
        {
            await Stream.DisposeAsync();
            Client.Dispose();
        }
    }
}
