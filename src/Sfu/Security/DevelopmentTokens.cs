using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Primitives;
using Sfu.Rest;
using Sfu.Rooms;

namespace Sfu.Security;

/// <summary><c>GET /dev/token?room=&amp;name=</c>: gives the meeting page of a development server its token. Exists on loopback without
/// configured keys only, and answers nobody but pages of this very origin.</summary>
internal static class DevelopmentTokens
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(6);

    /// <summary>Maps the route on a development server; elsewhere there is none.</summary>
    public static void MapDevelopmentTokens(this WebApplication app, ApiKeyRing keys)
    {
        if (!keys.IsDevelopment) return;
        app.MapGet("/dev/token", (HttpContext context, [FromQuery] string? room, [FromQuery] string? name, TokenIssuer issuer) =>
            Answer(context, keys.Keys[0], room, name, issuer)).ExcludeFromDescription();
    }

    private static IResult Answer(HttpContext context, ApiKey key, string? room, string? name, TokenIssuer issuer)
    {
        if (!IsOwnPage(context)) return ApiProblem.Result(403, "forbidden", "Only the page of this server may ask.");
        if (!Names.IsValid(room, RoomKey.MaxRoomLength))
        {
            return ApiProblem.Result(400, "bad_request", "room must be 1 to 128 of A-Z, a-z, 0-9, '.', '_', '-'.", "room");
        }

        string shown = string.IsNullOrWhiteSpace(name) ? "Guest" : name.Trim();
        if (!Names.IsText(shown, Names.MaxDisplayNameLength))
        {
            return ApiProblem.Result(400, "bad_request", "name must be text of at most 128 characters.", "name");
        }

        context.Response.Headers.CacheControl = "no-store";
        var grants = new Dictionary<string, object> { ["room"] = room!, ["roomJoin"] = true, ["roomCreate"] = true, ["roomAdmin"] = true, ["roomRecord"] = true };
        return Results.Json(new { token = issuer.Issue(key, IdentityOf(shown), shown, Lifetime, grants) });
    }

    /// <summary>Refuses pages of other sites, also those whose name was made to resolve to loopback (DNS rebinding).</summary>
    private static bool IsOwnPage(HttpContext context)
    {
        string host = context.Request.Host.Host;
        bool loopback = host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
        bool foreign = context.Request.Headers.TryGetValue("Sec-Fetch-Site", out StringValues site) && site.ToString() is not ("same-origin" or "none");
        return loopback && !foreign && context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote);
    }

    /// <summary>Two tabs with the same name are two participants.</summary>
    private static string IdentityOf(string name)
    {
        var identity = new StringBuilder();
        foreach (char c in name.Take(40)) identity.Append(char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-');
        return identity.Append('-').Append(RandomNumberGenerator.GetHexString(6, lowercase: true)).ToString();
    }
}
