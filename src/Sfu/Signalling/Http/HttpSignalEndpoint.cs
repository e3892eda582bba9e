using Microsoft.Extensions.Primitives;
using Sfu.Media.Sdp;
using Sfu.Nodes;
using Sfu.Observability;
using Sfu.Placement;
using Sfu.Rooms;
using Sfu.Signalling.Protocol;
using Sfu.Signalling.Sessions;

namespace Sfu.Signalling.Http;

/// <summary><c>/whip/{room}</c>, <c>/whep/{room}/{identity}</c>, <c>/whep/{room}</c>: RFC 9725 and draft-ietf-wish-whep.</summary>
internal sealed class HttpSignalEndpoint(
    SessionServices services, HttpAuthentication authentication, IRoomAdmission admission, HttpSessionRegistry registry)
{
    private const string SdpType = "application/sdp";
    private const string EndpointMethods = "GET, HEAD, POST, OPTIONS";

    /// <summary>Handles one request to an endpoint.</summary>
    public async Task HandleAsync(HttpContext context, ClientProtocol protocol)
    {
        HttpSignal signal = HttpSignal.Of(context, protocol);
        Cors.Allow(context.Response);
        switch (context.Request.Method)
        {
            case "OPTIONS":
                await OptionsAsync(context);
                break;
            case "GET":
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            case "HEAD":
                // Players probe so whether they may expect SDP here.
                context.Response.ContentType = SdpType;
                break;
            case "POST":
                if (await PostAsync(context, signal) is { } refusal) await HttpAnswers.RefuseAsync(context, refusal);
                break;
            default:
                await HttpAnswers.MethodNotAllowedAsync(context, EndpointMethods);
                break;
        }
    }

    private async Task OptionsAsync(HttpContext context)
    {
        Cors.AnswerPreflight(context.Response);
        context.Response.Headers["Accept-Post"] = SdpType;
        context.Response.Headers.Allow = EndpointMethods;
        // Clients ask for the ICE servers here before they offer; credentials are for those who may join.
        Admission? entry = context.Request.Headers.Authorization.Count == 0 ? null : (await authentication.AuthenticateAsync(context)).Entry;
        context.Response.Headers.Link = new StringValues(IceServerLinks.Of(
            entry is null ? services.IceServers.Open() : services.IceServers.For(entry.Token.Identity)));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task<HttpRefusal?> PostAsync(HttpContext context, HttpSignal signal)
    {
        long startedAt = services.Time.GetTimestamp();
        (Admission? entry, HttpRefusal? refusal) = await authentication.AuthenticateAsync(context);
        refusal ??= CheckGrants(signal, entry!);
        if (entry is null || refusal is not null) return CountToken(refusal!);
        if (!HttpBody.IsOfType(context.Request, SdpType))
            return new HttpRefusal(415, ErrorCodes.BadMessage, $"The content type must be {SdpType}.");
        (string sdp, refusal) = await HttpBody.ReadAsync(context.Request, services.Options.HttpBodyBytes);
        if (refusal is not null) return refusal;
        if (!SessionDescription.TryParse(sdp, out SessionDescription? offer, out SdpError? error))
            return new HttpRefusal(400, ErrorCodes.BadSdp, $"The offer cannot be read: {error}");
        if (OfferRules.Check(offer, signal.Protocol) is { } unusable) return unusable;
        try
        {
            return await BeginAsync(context, signal, entry, new Offer(sdp, OfferFacts.Of(offer)), startedAt);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return new HttpRefusal(400, ErrorCodes.BadState, "The client is gone.");
        }
#pragma warning disable CA1031 // the store or the cluster does not answer: the client gets a typed problem, the log has the rest
        catch (Exception exception)
#pragma warning restore CA1031
        {
            services.Logger.JoinFailed(exception);
            return new HttpRefusal(503, ErrorCodes.Internal, "The room does not answer; try again.", TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Counts a join that its token did not allow; the other refusals are counted behind the door, or are no join.</summary>
    private HttpRefusal CountToken(HttpRefusal refusal)
    {
        JoinResult? result = refusal.Status switch
        {
            StatusCodes.Status401Unauthorized => JoinResult.Unauthorized,
            StatusCodes.Status403Forbidden => JoinResult.Forbidden,
            StatusCodes.Status429TooManyRequests => JoinResult.Limit,
            _ => null,
        };
        if (result is { } counted) services.Metrics.Joined(counted);
        return refusal;
    }

    private static HttpRefusal? CheckGrants(HttpSignal signal, Admission entry)
    {
        if (entry.Room.Room != signal.Room) return new HttpRefusal(403, ErrorCodes.Forbidden, "The token is for another room.");
        if (signal.IsMix) return new HttpRefusal(404, "mix_unavailable", "Rooms are not mixed yet; play one participant at /whep/{room}/{identity}.");
        if (signal.Protocol == ClientProtocol.Whip)
        {
            return entry.Token.Grants.CanPublish ? null : new HttpRefusal(403, ErrorCodes.Forbidden, "The token does not allow to publish.");
        }

        if (!entry.Token.Grants.CanSubscribe) return new HttpRefusal(403, ErrorCodes.Forbidden, "The token does not allow to subscribe.");
        // Joining with its own identity would replace the very participant that is to be played.
        return entry.Token.Identity == signal.Identity ? new HttpRefusal(403, ErrorCodes.Forbidden, "Nobody can play oneself.") : null;
    }

    private async Task<HttpRefusal?> BeginAsync(HttpContext context, HttpSignal signal, Admission entry, Offer offer, long startedAt)
    {
        CancellationToken gone = context.RequestAborted;
        if (services.Node.IsDraining) return new HttpRefusal(503, ErrorCodes.Draining, "This node takes no new calls.", TimeSpan.FromSeconds(5));
        if (signal.Identity is { } identity && await PublisherWait.WaitAsync(services, entry.Room, identity, gone) is { } absent) return absent;

        var client = new ClientInfo(signal.Protocol, Limit(context.Request.Headers.UserAgent));
        JoinRequest request = entry.ToRequest(ServerIds.NewSession(), "", services.Node.Id, client, services.Options.TokensEndCalls);
        switch (await admission.JoinAsync(entry.Room, request, gone))
        {
            case JoinAccepted joined:
                return await AnswerAsync(context, signal, entry, new HttpSession(services, registry, signal, joined, offer.Facts, startedAt), offer);
            case JoinWaiting waiting:
                await RoomDeparture.LeaveAsync(
                    services, services.Rooms(entry.Room), request.Session, waiting.Self.Id, LeaveReason.ClientLeft, "no lobby over HTTP");
                return new HttpRefusal(403, ErrorCodes.Forbidden, "The room has a lobby, where WHIP and WHEP cannot wait: use a token with roomAdmin.");
            case JoinRefused refused:
                return HttpRefusal.Of(refused.Error);
            case var other:
                throw new InvalidOperationException($"Unknown outcome {other.GetType().Name}.");
        }
    }

    private async Task<HttpRefusal?> AnswerAsync(HttpContext context, HttpSignal signal, Admission entry, HttpSession session, Offer offer)
    {
        MediaAnswer answer = await session.OfferAsync(offer.Sdp, context.RequestAborted);
        if (answer.Sdp is not { } sdp)
            return HttpRefusal.Of(answer.Error ?? new MediaError(ErrorCodes.Internal, null, "The offer could not be answered."));
        HttpResponse response = context.Response;
        response.StatusCode = StatusCodes.Status201Created;
        response.ContentType = SdpType;
        response.Headers.Location = $"{context.Request.PathBase}{signal.Path}/s/{session.UrlId}";
        response.Headers.ETag = session.ETag;
        response.Headers["Accept-Patch"] = TrickleFragment.ContentType;
        response.Headers.Link = new StringValues(IceServerLinks.Of(services.IceServers.For(entry.Token.Identity)));
        await response.WriteAsync(sdp, context.RequestAborted);
        return null;
    }

    private static string Limit(string? userAgent)
    {
        string text = userAgent ?? "";
        if (text.Length > ClientMessageLimits.ClientName) text = text[..ClientMessageLimits.ClientName];
        return Names.IsText(text, ClientMessageLimits.ClientName) ? text : "";
    }

    private sealed record Offer(string Sdp, OfferFacts Facts);
}
