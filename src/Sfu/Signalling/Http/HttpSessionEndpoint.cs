using Sfu.Media.Sdp;
using Sfu.Nodes;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;

namespace Sfu.Signalling.Http;

/// <summary><c>{endpoint}/s/{session}</c>: trickle, ICE restart and the end of a WHIP or WHEP session (RFC 9725 sections 4.2 and 4.3).</summary>
internal sealed class HttpSessionEndpoint(SessionServices services, HttpAuthentication authentication, HttpSessionRegistry registry)
{
    private const string Methods = "GET, HEAD, PATCH, DELETE, OPTIONS";

    /// <summary>Handles one request to a session.</summary>
    public async Task HandleAsync(HttpContext context, ClientProtocol protocol)
    {
        HttpSignal signal = HttpSignal.Of(context, protocol);
        Cors.Allow(context.Response);
        switch (context.Request.Method)
        {
            case "OPTIONS":
                Cors.AnswerPreflight(context.Response);
                context.Response.Headers["Accept-Patch"] = TrickleFragment.ContentType;
                context.Response.Headers.Allow = Methods;
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            case "GET" or "HEAD" or "PATCH" or "DELETE":
                (HttpSession? session, HttpRefusal? refusal) = await FindAsync(context, signal);
                refusal = session is null ? refusal : await HandleAsync(context, session);
                if (refusal is not null) await HttpAnswers.RefuseAsync(context, refusal);
                return;
            default:
                await HttpAnswers.MethodNotAllowedAsync(context, Methods);
                return;
        }
    }

    private async Task<(HttpSession? Session, HttpRefusal? Refusal)> FindAsync(HttpContext context, HttpSignal signal)
    {
        (Admission? entry, HttpRefusal? refusal) = await authentication.AuthenticateAsync(context);
        if (entry is null) return (null, refusal);
        if (entry.Room.Room != signal.Room) return (null, new HttpRefusal(403, ErrorCodes.Forbidden, "The token is for another room."));
        if (!registry.TryFind(signal, out HttpSession? session)) return (null, new HttpRefusal(404, ErrorCodes.NotFound, "There is no such session."));
        return session.BelongsTo(entry)
            ? (session, null)
            : (null, new HttpRefusal(403, ErrorCodes.Forbidden, "The session is another participant's."));
    }

    private async Task<HttpRefusal?> HandleAsync(HttpContext context, HttpSession session)
    {
        switch (context.Request.Method)
        {
            case "PATCH":
                return await PatchAsync(context, session);
            case "DELETE":
                return await session.EndAsync(LeaveReason.ClientLeft, "")
                    ? null
                    : new HttpRefusal(404, ErrorCodes.NotFound, "There is no such session.");
            default:
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                context.Response.Headers.ETag = session.ETag;
                return null;
        }
    }

    private async Task<HttpRefusal?> PatchAsync(HttpContext context, HttpSession session)
    {
        if (!HttpBody.IsOfType(context.Request, TrickleFragment.ContentType))
            return new HttpRefusal(415, ErrorCodes.BadMessage, $"The content type must be {TrickleFragment.ContentType}.");
        TagMatch match = EntityTags.Match(context.Request, session.ETag);
        if (match == TagMatch.Missing) return new HttpRefusal(428, ErrorCodes.BadMessage, "If-Match is required: the ETag to trickle, * to restart ICE.");
        if (match == TagMatch.Stale) return new HttpRefusal(412, ErrorCodes.BadState, "ICE was restarted since: this ETag names an older ICE session.");
        (string text, HttpRefusal? refusal) = await HttpBody.ReadAsync(context.Request, services.Options.HttpBodyBytes);
        if (refusal is not null) return refusal;
        if (!TrickleFragment.TryParse(text, out TrickleFragment? fragment, out SdpError? error))
            return new HttpRefusal(400, ErrorCodes.BadSdp, $"The fragment cannot be read: {error}");

        // Candidates are dropped: the server learns the client's address from its checks.
        IceRestart? restart = null;
        if (match == TagMatch.Any && fragment.Credentials is { } remote && !session.TryRestart(remote, out restart))
            return new HttpRefusal(409, ErrorCodes.BadState, "ICE cannot be restarted now; the session goes on as it is.");
        if (restart is null) context.Response.StatusCode = StatusCodes.Status204NoContent;
        else await WriteRestartAsync(context.Response, session, restart);
        return null;
    }

    private static Task WriteRestartAsync(HttpResponse response, HttpSession session, IceRestart restart)
    {
        response.ContentType = TrickleFragment.ContentType;
        response.Headers.ETag = session.ETag;
        var fragment = new TrickleFragment
        {
            IceLite = true,
            Credentials = restart.Ice,
            Sections = [new TrickleSection(session.FirstMid.Length > 0 ? session.FirstMid : null, restart.Candidates, EndOfCandidates: true)],
        };
        return response.WriteAsync(fragment.ToString());
    }
}
