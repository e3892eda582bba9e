namespace Sfu.Signalling.Http;

/// <summary>Lets web pages of every origin use WHIP and WHEP: requests carry a bearer token, never a cookie, so no origin gains by it.</summary>
internal static class Cors
{
    /// <summary>For every answer.</summary>
    public static void Allow(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlExposeHeaders = "location, etag, link, retry-after, accept-patch";
    }

    /// <summary>For OPTIONS.</summary>
    public static void AnswerPreflight(HttpResponse response)
    {
        response.Headers.AccessControlAllowMethods = "GET, HEAD, POST, PATCH, DELETE";
        response.Headers.AccessControlAllowHeaders = "authorization, content-type, if-match";
        response.Headers.AccessControlMaxAge = "86400";
    }
}
