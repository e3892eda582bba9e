using Microsoft.Extensions.DependencyInjection;
using Sfu.Security;
using Sfu.Tests.Rest;

namespace Sfu.Tests.Hosting;

public sealed class DevelopmentServerTests
{
    [Fact]
    public async Task Token_AskedByItsPage_AdmitsToTheRoomAndMayCreateIt()
    {
        await using TestServer server = await TestServer.StartAsync(adapt: null);

        Answer answer = await server.SendAsync(HttpMethod.Get, $"/dev/token?room=welcome&name={Uri.EscapeDataString("Zoë Müller")}");

        Assert.Equal("no-store", answer.Header("Cache-Control"));
        AccessToken token = (await server.App.Services.GetRequiredService<ITokenValidator>().ValidateAsync(answer.Json.GetProperty("token").GetString())).Token!;
        Assert.True(token.Grants is { Room: "welcome", RoomJoin: true, RoomCreate: true, RoomAdmin: true, RoomRecord: true, CanPublish: true, CanSubscribe: true, Hidden: false });
        Assert.Equal("Zoë Müller", token.Name);
        Assert.StartsWith("zo--m-ller-", token.Identity, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_SameNameTwice_IsTwoParticipants()
    {
        await using TestServer server = await TestServer.StartAsync(adapt: null);
        var identities = new HashSet<string>();
        for (int i = 0; i < 2; i++)
        {
            Answer answer = await server.SendAsync(HttpMethod.Get, "/dev/token?room=r&name=ann");
            identities.Add((await server.App.Services.GetRequiredService<ITokenValidator>().ValidateAsync(answer.Json.GetProperty("token").GetString())).Token!.Identity);
        }

        Assert.Equal(2, identities.Count);
    }

    [Theory]
    [InlineData("evil.example", null)]
    [InlineData("127.0.0.1.evil.example", null)]
    [InlineData("127.0.0.1", "cross-site")]
    [InlineData("localhost", "same-site")]
    public async Task Token_AskedByAnotherSite_Is403(string host, string? site)
    {
        await using TestServer server = await TestServer.StartAsync(adapt: null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/dev/token?room=r&name=ann");
        request.Headers.Host = $"{host}:{server.Address.Port}";
        if (site is not null) request.Headers.Add("Sec-Fetch-Site", site);

        using HttpResponseMessage response = await server.Client.SendAsync(request);

        RoomRoutesTests.AssertProblem(new Answer(response, await response.Content.ReadAsStringAsync()), 403, "forbidden");
    }

    [Theory]
    [InlineData("name=ann", "room")]
    [InlineData("room=a%2Fb&name=ann", "room")]
    [InlineData("room=r&name=%07", "name")]
    public async Task Token_BadInput_Is400(string query, string field)
    {
        await using TestServer server = await TestServer.StartAsync(adapt: null);

        Answer answer = await server.SendAsync(HttpMethod.Get, $"/dev/token?{query}");

        RoomRoutesTests.AssertProblem(answer, 400, "bad_request");
        Assert.Equal(field, answer.Json.GetProperty("field").GetString());
    }

    [Fact]
    public async Task Token_ServerWithConfiguredKeys_HasNoSuchRoute()
    {
        await using TestServer server = await TestServer.StartAsync();

        RoomRoutesTests.AssertProblem(await server.SendAsync(HttpMethod.Get, "/dev/token?room=r&name=ann"), 404, "not_found");
    }

    [Fact]
    public async Task Start_WithoutConfiguration_ListensOnLoopbackOnly()
    {
        await using TestServer server = await TestServer.StartAsync(adapt: null);

        Assert.Equal("127.0.0.1", server.Address.Host);
        Assert.True(server.App.Services.GetRequiredService<ApiKeyRing>().IsDevelopment);
    }
}
