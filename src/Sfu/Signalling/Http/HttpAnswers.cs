using Sfu.Rest;

namespace Sfu.Signalling.Http;

/// <summary>The refusals of WHIP and WHEP with the headers that belong to them.</summary>
internal static class HttpAnswers
{
    /// <summary>Answers with a problem.</summary>
    public static Task RefuseAsync(HttpContext context, HttpRefusal refusal)
    {
        if (context.RequestAborted.IsCancellationRequested) return Task.CompletedTask;
        if (refusal.Status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer";
        return ApiProblem.Of(refusal.Status, refusal.Code, refusal.Detail).WriteAsync(context, refusal.RetryAfter);
    }

    /// <summary>Answers a method that the address does not have.</summary>
    public static Task MethodNotAllowedAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return ApiProblem.Of(StatusCodes.Status405MethodNotAllowed, "method_not_allowed", $"Use one of {allowed}.").WriteAsync(context);
    }
}
