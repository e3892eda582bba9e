using System.Net.Http.Headers;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Sfu.Configuration;
using Sfu.Nodes;
using Sfu.Placement;
using Sfu.Rooms;
using Sfu.Security;
using Sfu.Signalling;
using Sfu.Signalling.Sessions;

namespace Sfu.Tests.Signalling.Fakes;

/// <summary>The signalling routes on a real Kestrel at a free port, with fakes behind them.</summary>
internal sealed class SignallingServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SignallingServer(WebApplication app, World world)
    {
        (_app, World) = (app, world);
        Base = new Uri(app.Urls.Single());
        Http = new HttpClient { BaseAddress = Base };
    }

    public World World { get; }

    public Uri Base { get; }

    public HttpClient Http { get; }

    /// <summary>The sessions of the server, which makes its own.</summary>
    public SessionRegistry Registry => _app.Services.GetRequiredService<SessionRegistry>();

    public static async Task<SignallingServer> StartAsync()
    {
        var world = new World(Mailbox.OnThreadPool);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Services.AddSingleton<ITokenValidator>(world).AddSingleton<IRoomAdmission>(world).AddSingleton<ILocalNode>(world);
        builder.Services.AddSingleton<IMediaSessions>(world.Media).AddSingleton<IRoomEventHub>(world.Hub).AddSingleton<RoomLookup>(world.Room);
        builder.Services.AddSingleton(world.Services.Metrics).AddSingleton(world.Services.JoinTimes).AddSingleton(world.Time);
        builder.Services.AddSingleton<Microsoft.Extensions.Logging.ILogger<Session>>(world.Log);
        builder.Services.AddSingleton<Sfu.Recordings.IRoomRecordings>(world.Recordings).AddSingleton<Sfu.Nodes.Recording.IRecordingNode>(world.Recorder);
        builder.AddSignalling();
        builder.Services.AddSingleton(Microsoft.Extensions.Options.Options.Create(world.Options));
        builder.Services.AddSingleton(Microsoft.Extensions.Options.Options.Create(new RoomOptions()));
        WebApplication app = builder.Build();
        app.MapSignalling();
        await app.StartAsync();
        return new SignallingServer(app, world);
    }

    public async Task<HttpResponseMessage> SendAsync(
        string method, string path, string? token = null, string? body = null, string? type = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
        {
            request.Content = new StringContent(body);
            request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        }

        foreach ((string name, string value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Http.SendAsync(request);
    }

    public async Task<ClientWebSocket> ConnectAsync(string query = "", string? subProtocol = "sfu.v1", Action<ClientWebSocketOptions>? adapt = null)
    {
        var socket = new ClientWebSocket();
        if (subProtocol is not null) socket.Options.AddSubProtocol(subProtocol);
        adapt?.Invoke(socket.Options);
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{Base.Port}/ws{query}"), CancellationToken.None);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
