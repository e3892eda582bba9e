using Microsoft.Extensions.DependencyInjection.Extensions;
using Sfu.Configuration;
using Sfu.Rooms;
using Sfu.Signalling.Http;
using Sfu.Signalling.Sessions;
using Sfu.Signalling.Sockets;

namespace Sfu.Signalling;

/// <summary>The routes of the real-time interfaces: <c>/ws</c>, <c>/whip</c>, <c>/whep</c>.</summary>
public static class SignallingEndpoints
{
    /// <summary>Registers what the routes need; the media node and the rooms are registered by their own parts.</summary>
    public static WebApplicationBuilder AddSignalling(this WebApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.AddSection<SignallingOptions, SignallingOptionsValidator>();
        services.TryAddSingleton<RoomLookup>(provider =>
        {
            IGrainFactory grains = provider.GetRequiredService<IGrainFactory>();
            return room => grains.GetGrain<IRoomGrain>(room.ToString());
        });
        services.AddSingleton(Mailbox.OnThreadPool);
        services.AddSingleton<IceServerSource>();
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<SessionServices>();
        services.AddSingleton<JoinHandler>();
        services.AddSingleton<OriginPolicy>();
        services.AddSingleton<AddressLimits>();
        services.AddSingleton<HttpAuthentication>();
        services.AddSingleton<WebSocketEndpoint>();
        services.AddSingleton<HttpSessionRegistry>();
        services.AddSingleton<HttpSignalEndpoint>();
        services.AddSingleton<HttpSessionEndpoint>();
        services.AddHostedService<HttpSessionsAtStop>();
        return builder;
    }

    /// <summary>Maps the routes.</summary>
    public static WebApplication MapSignalling(this WebApplication app)
    {
        app.UseWebSockets();
        WebSocketEndpoint sockets = app.Services.GetRequiredService<WebSocketEndpoint>();
        // Not only GET: over HTTP/2 a WebSocket is a CONNECT (RFC 8441).
        app.Map("/ws", sockets.HandleAsync);
        MapHttp(app, "/whip/{room}", ClientProtocol.Whip);
        MapHttp(app, "/whep/{room}", ClientProtocol.Whep);
        MapHttp(app, "/whep/{room}/{identity}", ClientProtocol.Whep);
        return app;
    }

    private static void MapHttp(WebApplication app, string endpoint, ClientProtocol protocol)
    {
        HttpSignalEndpoint endpoints = app.Services.GetRequiredService<HttpSignalEndpoint>();
        HttpSessionEndpoint sessions = app.Services.GetRequiredService<HttpSessionEndpoint>();
        app.Map(endpoint, context => endpoints.HandleAsync(context, protocol));
        app.Map($"{endpoint}/s/{{session}}", context => sessions.HandleAsync(context, protocol));
    }
}
