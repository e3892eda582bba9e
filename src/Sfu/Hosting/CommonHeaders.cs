using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Sfu.Configuration;

namespace Sfu.Hosting;

/// <summary>What holds for every request: who really asks (behind trusted proxies), and headers against misuse of answers.</summary>
internal static class CommonHeaders
{
    /// <summary>Adds both.</summary>
    public static void UseCommonHeaders(this WebApplication app)
    {
        HttpOptions http = app.Services.GetRequiredService<IOptions<HttpOptions>>().Value;
        if (http.TrustedProxies.Count > 0) app.UseForwardedHeaders(Forwarding(http));

        // Not on loopback: the header would bind the name localhost for every other program of the developer.
        bool isStrict = http.Certificate.Length > 0 && !System.Net.IPAddress.IsLoopback(System.Net.IPAddress.Parse(http.Address));
        app.Use((context, next) =>
        {
            IHeaderDictionary headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer"; // the page's address may hold a token
            if (isStrict) headers.StrictTransportSecurity = "max-age=31536000";
            return next(context);
        });
    }

    /// <summary>Tells whether a request came through a proxy that nobody declared: its address says nothing about who asks.</summary>
    public static bool IsUndeclaredProxy(HttpContext context) =>
        context.Request.Headers.ContainsKey("X-Forwarded-For") || context.Request.Headers.ContainsKey("Forwarded");

    private static ForwardedHeadersOptions Forwarding(HttpOptions http)
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            ForwardLimit = null, // every hop must be trusted; the first that is not is the client
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (System.Net.IPNetwork network in Networks.Parse(http.TrustedProxies)) options.KnownIPNetworks.Add(network);
        return options;
    }
}
