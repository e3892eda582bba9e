using System.Net;
using System.Net.WebSockets;
using Sfu.Rest;
using Sfu.Security;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;

namespace Sfu.Signalling.Sockets;

/// <summary><c>GET /ws</c>: checks the upgrade and serves the socket (docs/signalling.md section 1).</summary>
internal sealed class WebSocketEndpoint(SessionServices services, JoinHandler joins, OriginPolicy origins, AddressLimits limits, IHostApplicationLifetime lifetime)
{
    /// <summary>The subprotocol that clients must ask for.</summary>
    public const string SubProtocol = "sfu.v1";

    /// <summary>Handles one request to <c>/ws</c>.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await ApiProblem.Of(400, ErrorCodes.BadMessage, "This address takes WebSocket connections only.").WriteAsync(context);
            return;
        }

        if (!origins.Allows(context.Request))
        {
            await ApiProblem.Of(403, ErrorCodes.Forbidden, "Pages of this origin may not connect: see Sfu:Signalling:AllowedOrigins.").WriteAsync(context);
            return;
        }

        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(SubProtocol))
        {
            await ApiProblem.Of(400, ErrorCodes.BadMessage, $"The subprotocol {SubProtocol} is required.").WriteAsync(context);
            return;
        }

        IPAddress? address = context.Connection.RemoteIpAddress;
        using AddressLimits.SocketLease? lease = limits.TryEnter(address);
        if (lease is null)
        {
            await ApiProblem.Of(429, ErrorCodes.Limit, "Too many sockets of this address.").WriteAsync(context, TimeSpan.FromSeconds(1));
            return;
        }

        // Clients ping in the protocol itself, and nothing compressed is taken: it would unpack beyond the limits.
        var accept = new WebSocketAcceptContext { SubProtocol = SubProtocol, KeepAliveInterval = Timeout.InfiniteTimeSpan };
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(accept);
        var connection = new ClientConnection(
            new SocketConnection(socket, services), lease, services, joins, new Caller(TokenOf(context.Request), address));
        // Before the web server waits for its connections to end.
        await using CancellationTokenRegistration stop = lifetime.ApplicationStopping.Register(connection.Stop);
        await connection.RunAsync(context.RequestAborted);
    }

    /// <summary>Browsers can send no header with a WebSocket: for these only, the query is looked at.</summary>
    private static string? TokenOf(HttpRequest request) =>
        BearerToken.Read(request) ?? (request.Query["access_token"] is [{ Length: > 0 } token] ? token : null);
}
