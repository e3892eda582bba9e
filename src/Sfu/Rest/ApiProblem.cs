using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;

namespace Sfu.Rest;

/// <summary>Why a request was not carried out (RFC 9457, <c>application/problem+json</c>).</summary>
public sealed record ApiProblem
{
    /// <summary>Content type of a problem.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>The kind of problem as a URI: <c>urn:sfu:problem:</c> and the code.</summary>
    public required string Type { get; init; }

    /// <summary>The status in words.</summary>
    public required string Title { get; init; }

    /// <summary>HTTP status code.</summary>
    public required int Status { get; init; }

    /// <summary>One sentence that says what is wrong and what to do.</summary>
    public required string Detail { get; init; }

    /// <summary>The kind of problem for programs.</summary>
    public required string Code { get; init; }

    /// <summary>The member, query or path parameter that is wrong; absent when none is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Field { get; init; }

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes a problem.</summary>
    public static ApiProblem Of(int status, string code, string detail, string? field = null) => new()
    {
        Type = $"urn:sfu:problem:{code}",
        Title = ReasonPhrases.GetReasonPhrase(status),
        Status = status,
        Detail = detail,
        Code = code,
        Field = field,
    };

    /// <summary>Makes a problem as the result of a route.</summary>
    /// <param name="status">HTTP status code.</param>
    /// <param name="code">For programs, in snake_case.</param>
    /// <param name="detail">For people.</param>
    /// <param name="field">What is wrong in the request, or null.</param>
    /// <param name="retryAfter">When waiting helps: how long; becomes <c>Retry-After</c>.</param>
    public static IResult Result(int status, string code, string detail, string? field = null, TimeSpan? retryAfter = null) =>
        new ProblemResult(Of(status, code, detail, field), retryAfter);

    /// <summary>Writes the problem as the answer; its status and headers are set.</summary>
    public async Task WriteAsync(HttpContext context, TimeSpan? retryAfter = null)
    {
        HttpResponse response = context.Response;
        response.StatusCode = Status;
        response.Headers.CacheControl = "no-store";
        if (retryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        await response.WriteAsJsonAsync(this, Json, ContentType, context.RequestAborted).ConfigureAwait(false);
    }

    private sealed class ProblemResult(ApiProblem problem, TimeSpan? retryAfter) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => problem.WriteAsync(httpContext, retryAfter);
    }
}
