using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;

namespace Sfu.Signalling.Http;

/// <summary>An error body of RFC 9457 with our <c>code</c>.</summary>
/// <param name="Type">Names the kind of problem.</param>
/// <param name="Title">The status in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">One sentence that says what to do.</param>
/// <param name="Code">The code of docs/signalling.md section 6.</param>
internal sealed record ProblemBody(string Type, string Title, int Status, string Detail, string Code);

/// <summary>Writes problems; made by the source generator.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class ProblemContext : JsonSerializerContext;

/// <summary>Answers a request with a problem.</summary>
internal static class Problem
{
    /// <summary>The content type.</summary>
    public const string ContentType = "application/problem+json";

    private static readonly ProblemContext Relaxed = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Sets status and body; headers that belong to the status are set by the caller.</summary>
    public static Task WriteAsync(HttpContext context, int status, string code, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        var body = new ProblemBody($"urn:sfu:problem:{code}", ReasonPhrases.GetReasonPhrase(status), status, detail, code);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(body, Relaxed.ProblemBody);
        context.Response.ContentLength = json.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(json).AsTask();
    }
}
