using System.Net;
using Sfu.Rooms;
using Sfu.Security;
using Sfu.Signalling.Sockets;

namespace Sfu.Rest;

/// <summary>Lets nobody reach a route under <c>/v1</c> without a token that has the route's grant. It runs before any body is read, and
/// asks nothing of the rooms: whether one exists changes neither the answer nor the work of a refusal (docs/threats.md T26).</summary>
internal static class RestAuthentication
{
    /// <summary>First segment of the back-end interface.</summary>
    public const string Prefix = "/v1";

    /// <summary>Adds it; must come after routing and before the routes.</summary>
    public static void UseRestAuthentication(this WebApplication app)
    {
        ITokenValidator tokens = app.Services.GetRequiredService<ITokenValidator>();
        AddressLimits limits = app.Services.GetRequiredService<AddressLimits>();
        app.Use((context, next) => context.Request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase) && context.GetEndpoint() is { } endpoint
            ? CheckAsync(context, endpoint, tokens, limits, next)
            : next(context));
    }

    private static async Task CheckAsync(HttpContext context, Endpoint endpoint, ITokenValidator tokens, AddressLimits limits, RequestDelegate next)
    {
        // The framework's own answers (405 and the like) carry no rule and tell nothing.
        if (endpoint is not RouteEndpoint)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        IPAddress? caller = context.Connection.RemoteIpAddress;
        if (!limits.MayTry(caller, out TimeSpan wait))
        {
            await ApiProblem.Of(429, "limit", "Too many tokens of this address were refused; wait.").WriteAsync(context, wait).ConfigureAwait(false);
            return;
        }

        TokenOutcome outcome = await tokens.ValidateAsync(BearerToken.Read(context.Request)).ConfigureAwait(false);
        if (outcome.Token is not { } token)
        {
            limits.Failed(caller);
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"sfu\"";
            await ApiProblem.Of(401, "unauthorized", outcome.Problem ?? "A valid access token is needed.").WriteAsync(context).ConfigureAwait(false);
            return;
        }

        string? room = context.GetRouteValue("room") as string;
        RestRule? rule = endpoint.Metadata.GetMetadata<RestRule>();
        if (rule?.Allows(token, room) != true)
        {
            string needed = rule is null ? "nobody may use this route" : $"it needs {rule.Text.Replace("`", "", StringComparison.Ordinal)}";
            await ApiProblem.Of(403, "forbidden", $"The token does not allow this: {needed}.").WriteAsync(context).ConfigureAwait(false);
            return;
        }

        context.Features.Set(new RestCall { Token = token, Room = RoomKey.TryCreate(token.Tenant, room, out RoomKey key) ? key : null });
        await next(context).ConfigureAwait(false);
    }
}
