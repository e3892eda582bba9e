using System.Text.Json;
using System.Text.RegularExpressions;
using Sfu.Hosting;

namespace Sfu.Rest;

/// <summary>Makes every answer of 400 and more a problem body: what routes throw, what the framework refuses, and unknown paths.</summary>
internal static partial class ProblemMiddleware
{
    /// <summary>Headers that a route may have set before it failed.</summary>
    private static readonly string[] SuccessHeaders = ["Content-Length", "Content-Type", "ETag", "Last-Modified", "Location", "Cache-Control"];

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Adds it; must come before what it covers.</summary>
    public static void UseProblems(this WebApplication app)
    {
        ILogger log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Sfu.Rest");
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                return; // nobody is there to be told
            }
            catch (Exception e) when (!context.Response.HasStarted)
            {
                await AnswerAsync(context, e, log).ConfigureAwait(false);
                return;
            }

            if (IsBare(context.Response)) await OfStatus(context.Response.StatusCode).WriteAsync(context).ConfigureAwait(false);
        });
    }

    private static bool IsBare(HttpResponse response) =>
        response.StatusCode >= 400 && !response.HasStarted && response.ContentLength is null && response.ContentType is null
        && !HttpMethods.IsHead(response.HttpContext.Request.Method);

    private static Task AnswerAsync(HttpContext context, Exception thrown, ILogger log)
    {
        foreach (string header in SuccessHeaders) context.Response.Headers.Remove(header);
        switch (thrown)
        {
            case BadHttpRequestException bad:
                return OfBadRequest(bad).WriteAsync(context);
            case TimeoutException or OrleansException:
                log.RequestFailed(thrown, context.Request.Method, context.Request.Path);
                return ApiProblem.Of(503, "try_again", "The rooms could not be reached; try again.").WriteAsync(context, RetryAfter);
            default:
                log.RequestFailed(thrown, context.Request.Method, context.Request.Path);
                return ApiProblem.Of(500, "internal", "The server failed; it is logged.").WriteAsync(context);
        }
    }

    private static ApiProblem OfBadRequest(BadHttpRequestException bad)
    {
        if (bad.StatusCode != StatusCodes.Status400BadRequest) return OfStatus(bad.StatusCode);
        if (bad.InnerException is JsonException json) return ApiProblem.Of(400, "bad_request", $"The body is not valid: {Sentence(json)}", FieldOf(json));
        Match parameter = Parameter().Match(bad.Message);
        return parameter.Success
            ? ApiProblem.Of(400, "bad_request", $"{parameter.Groups[1].Value} is missing or has no valid value.", parameter.Groups[1].Value)
            : ApiProblem.Of(400, "bad_request", "The request is not valid.");
    }

    private static ApiProblem OfStatus(int status) => status switch
    {
        400 => ApiProblem.Of(status, "bad_request", "The request is not valid."),
        401 => ApiProblem.Of(status, "unauthorized", "A valid access token is needed: Authorization: Bearer."),
        403 => ApiProblem.Of(status, "forbidden", "Not allowed."),
        404 => ApiProblem.Of(status, "not_found", "There is nothing at this path."),
        405 => ApiProblem.Of(status, "method_not_allowed", "This path does not take this method; see Allow."),
        408 => ApiProblem.Of(status, "timeout", "The request came too slowly."),
        413 => ApiProblem.Of(status, "too_large", "The body is too large."),
        415 => ApiProblem.Of(status, "unsupported_media_type", "Send the body as application/json."),
        >= 500 => ApiProblem.Of(status, "internal", "The server failed; it is logged."),
        _ => ApiProblem.Of(status, "bad_request", "The request was refused."),
    };

    /// <summary>The serializer's own sentences name our types.</summary>
    private static string Sentence(JsonException json) =>
        json.Message.Contains("could not be converted to", StringComparison.Ordinal) ? "a value has the wrong type."
        : json.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "a member is not known."
        : json.Message.Contains("missing required", StringComparison.Ordinal) ? "a required member is missing."
        : json.Message.Contains("uplicate", StringComparison.Ordinal) ? "a member is there twice."
        : "it is no strict JSON.";

    private static string? FieldOf(JsonException json) =>
        json.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : null;

    [GeneratedRegex("parameter \"[^\"]*?(\\w+)\"", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
