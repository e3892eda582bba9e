using Microsoft.Extensions.Options;
using Sfu.Configuration;

namespace Sfu.Signalling.Sockets;

/// <summary>Which web pages may open <c>/ws</c>: those of the server itself and those on the list. Clients that are no browsers send no Origin.</summary>
internal sealed class OriginPolicy(IOptions<SignallingOptions> options)
{
    /// <summary>True when the upgrade may go on.</summary>
    public bool Allows(HttpRequest request)
    {
        string? origin = request.Headers.Origin;
        if (string.IsNullOrEmpty(origin)) return request.Headers.Origin.Count == 0;
        if (request.Headers.Origin.Count != 1) return false;
        return IsSame(origin, request) || options.Value.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);
    }

    // A proxy may end TLS before us: the scheme of the page then differs from ours, host and port do not.
    private static bool IsSame(string origin, HttpRequest request)
    {
        if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || !request.Host.HasValue) return false;
        if (uri.UserInfo.Length > 0 || uri.GetLeftPart(UriPartial.Authority).Length != origin.Length) return false;
        bool sameHost = string.Equals(uri.Host, request.Host.Host, StringComparison.OrdinalIgnoreCase);
        return sameHost && uri.Port == (request.Host.Port ?? (uri.Scheme == "https" ? 443 : 80));
    }
}
