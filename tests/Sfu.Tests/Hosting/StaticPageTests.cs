using Microsoft.Extensions.FileProviders;

namespace Sfu.Tests.Hosting;

public sealed class StaticPageTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sfu-page-").FullName;
    private TestServer _server = null!;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "assets"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "index.html"), "<!doctype html>");
        await File.WriteAllTextAsync(Path.Combine(_folder, "assets/page-ABC.js"), "1");
        await File.WriteAllTextAsync(Path.Combine(_folder, "sfu-client.js"), "2");
        Directory.CreateDirectory(Path.Combine(_folder, "types"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "types/index.d.ts"), "3");
        _server = await TestServer.StartAsync(
            builder => builder.Environment.WebRootFileProvider = new PhysicalFileProvider(_folder), ($"ApiKeys:{TestServer.Key}", TestServer.Secret));
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Page_AtTheRoot_IsAskedForAgainAndProtected()
    {
        Answer answer = await _server.SendAsync(HttpMethod.Get, "/?room=a&token=b");

        Assert.Equal((200, "<!doctype html>"), (answer.Status, answer.Body));
        Assert.Equal("text/html", answer.Header("Content-Type"));
        Assert.Equal("no-cache", answer.Header("Cache-Control"));
        Assert.NotNull(answer.Header("ETag"));
        string policy = answer.Header("Content-Security-Policy")!;
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("camera=(self), microphone=(self)", answer.Header("Permissions-Policy"), StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", answer.Header("Referrer-Policy"));
        Assert.Null(answer.Header("Server"));
    }

    [Theory]
    [InlineData("/assets/page-ABC.js", "public, max-age=31536000, immutable")]
    [InlineData("/sfu-client.js", "no-cache")]
    public async Task Asset_ByName_IsKeptOnlyWhenItsNameHasItsHash(string path, string caching) =>
        Assert.Equal(caching, (await _server.SendAsync(HttpMethod.Get, path)).Header("Cache-Control"));

    [Theory]
    [InlineData("/sfu-client.js", "*")]
    [InlineData("/types/index.d.ts", "*")]
    [InlineData("/", null)]
    [InlineData("/assets/page-ABC.js", null)]
    public async Task Client_ImportedByOtherOrigins_IsTheOnlyPartThatMay(string path, string? origins) =>
        Assert.Equal(origins, (await _server.SendAsync(HttpMethod.Get, path)).Header("Access-Control-Allow-Origin"));

    [Theory]
    [InlineData("/../appsettings.json")]
    [InlineData("/%2e%2e/appsettings.json")]
    [InlineData("/assets/..%2f..%2fetc/passwd")]
    [InlineData("/.built")]
    [InlineData("/assets/")]
    public async Task Path_OutsideOfThePage_Is404(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{_server.Address}{path.TrimStart('/')}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using HttpResponseMessage response = await _server.Client.SendAsync(request);

        Assert.Equal(404, (int)response.StatusCode);
    }
}
