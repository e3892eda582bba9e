namespace Sfu.Signalling.Http;

/// <summary>Finds the access token of a request.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>The token, not checked yet, or null.</summary>
    /// <param name="request">The request.</param>
    /// <param name="takesQuery">Also <c>access_token</c> of the query: for WebSockets only, browsers can send no header with those.</param>
    public static string? Of(HttpRequest request, bool takesQuery = false)
    {
        string? header = request.Headers.Authorization;
        if (header is not null) return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
        return takesQuery && request.Query["access_token"] is [{ Length: > 0 } token] ? token : null;
    }
}
