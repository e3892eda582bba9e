using Sfu.Signalling.Protocol;

namespace Sfu.Signalling.Http;

/// <summary>Writes ICE servers as <c>Link</c> headers (RFC 9725 section 4.6).</summary>
internal static class IceServerLinks
{
    /// <summary>One value for each address of each server.</summary>
    public static string[] Of(IReadOnlyList<IceServerBody> servers) =>
        [.. servers.SelectMany(server => server.Urls.Select(url => Link(url, server)))];

    private static string Link(string url, IceServerBody server)
    {
        string link = $"<{url}>; rel=\"ice-server\"";
        return server.Credential is null || !url.StartsWith("turn", StringComparison.Ordinal)
            ? link
            : $"{link}; username=\"{Quoted(server.Username!)}\"; credential=\"{Quoted(server.Credential)}\"; credential-type=\"password\"";
    }

    // A header holds visible ASCII only; identities may be any text. What the quoted string cannot hold becomes '?', as coturn only reads
    // the time before the colon.
    private static string Quoted(string text)
    {
        var quoted = new System.Text.StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else quoted.Append(c is >= ' ' and < (char)127 ? c : '?');
        }

        return quoted.ToString();
    }
}
