using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Sfu.Hosting;

/// <summary>Serves the meeting page from <c>wwwroot</c>, with the headers that a page which holds tokens and cameras needs.</summary>
internal static class StaticPage
{
    /// <summary>Only own scripts and styles; the page is in no frame of others; media and pictures may be made by the page itself.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob: mediastream:; "
        + "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private const string PermissionsPolicy =
        "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), fullscreen=(self), picture-in-picture=(self), "
        + "screen-wake-lock=(self), speaker-selection=(self), geolocation=(), payment=(), usb=(), serial=(), midi=()";

    /// <summary>Adds the files; <c>/</c> is <c>index.html</c>.</summary>
    public static void UseStaticPage(this WebApplication app)
    {
        var types = new FileExtensionContentTypeProvider();
        types.Mappings[".map"] = "application/json";
        types.Mappings[".ts"] = "text/plain; charset=utf-8"; // declarations of the client, not MPEG
        app.UseDefaultFiles();
        app.UseStaticFiles(new StaticFileOptions { ContentTypeProvider = types, OnPrepareResponse = SetHeaders });
    }

    private static void SetHeaders(StaticFileResponseContext context)
    {
        IHeaderDictionary headers = context.Context.Response.Headers;
        // Names under /assets hold a hash of their content; the others are asked for again, by ETag.
        headers[HeaderNames.CacheControl] = context.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal)
            ? "public, max-age=31536000, immutable"
            : "no-cache";
        // Pages of other origins import the client (docs/client.md); it is the same for everybody.
        if (IsClient(context.Context.Request.Path)) headers[HeaderNames.AccessControlAllowOrigin] = "*";
        headers[HeaderNames.ContentSecurityPolicy] = ContentSecurityPolicy;
        headers["Permissions-Policy"] = PermissionsPolicy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    private static bool IsClient(PathString path) =>
        path.StartsWithSegments("/types", StringComparison.Ordinal) || path.Value is "/sfu-client.js" or "/sfu-client.js.map";
}
