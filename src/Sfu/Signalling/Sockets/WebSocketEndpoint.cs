using System.Net.WebSockets;
using Sfu.Signalling.Http;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;

namespace Sfu.Signalling.Sockets;

/// <summary><c>GET /ws</c>: checks the upgrade and serves the socket (docs/signalling.md section 1).</summary>
internal sealed class WebSocketEndpoint(SessionServices services, JoinHandler joins, OriginPolicy origins)
{
    /// <summary>The subprotocol that clients must ask for.</summary>
    public const string SubProtocol = "sfu.v1";

    /// <summary>Handles one request to <c>/ws</c>.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Problem.WriteAsync(context, 400, ErrorCodes.BadMessage, "This address takes WebSocket connections only.");
            return;
        }

        if (!origins.Allows(context.Request))
        {
            await Problem.WriteAsync(context, 403, ErrorCodes.Forbidden, "Pages of this origin may not connect: see Sfu:Signalling:AllowedOrigins.");
            return;
        }

        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(SubProtocol))
        {
            await Problem.WriteAsync(context, 400, ErrorCodes.BadMessage, $"The subprotocol {SubProtocol} is required.");
            return;
        }

        // Clients ping in the protocol itself, and nothing compressed is taken: it would unpack beyond the limits.
        var accept = new WebSocketAcceptContext { SubProtocol = SubProtocol, KeepAliveInterval = Timeout.InfiniteTimeSpan };
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(accept);
        var connection = new ClientConnection(
            new SocketConnection(socket, services.Options, services.Time), services, joins, BearerToken.Of(context.Request, takesQuery: true));
        await connection.RunAsync(context.RequestAborted);
    }
}
