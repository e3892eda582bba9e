using Microsoft.Extensions.Primitives;

namespace Sfu.Security;

/// <summary>Takes the token out of an <c>Authorization: Bearer</c> header (RFC 6750 section 2.1).</summary>
public static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>The token, or null when there is no such header, or more than one.</summary>
    public static string? Read(HttpRequest request)
    {
        StringValues header = request.Headers.Authorization;
        return header.Count == 1 && header[0] is { } text && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? text[Scheme.Length..].Trim()
            : null;
    }
}
