using System.Globalization;

namespace Sfu.Signalling.Http;

/// <summary>The refusals of WHIP and WHEP with the headers that belong to them.</summary>
internal static class HttpAnswers
{
    /// <summary>Answers with a problem.</summary>
    public static Task RefuseAsync(HttpContext context, HttpRefusal refusal)
    {
        if (context.RequestAborted.IsCancellationRequested) return Task.CompletedTask;
        if (refusal.Status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer";
        if (refusal.RetryAfter is { } after)
            context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Problem.WriteAsync(context, refusal.Status, refusal.Code, refusal.Detail);
    }

    /// <summary>Answers a method that the address does not have.</summary>
    public static Task MethodNotAllowedAsync(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return Problem.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "method_not_allowed", $"Use one of {allowed}.");
    }
}
