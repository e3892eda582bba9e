using Microsoft.Net.Http.Headers;

namespace Sfu.Signalling.Http;

/// <summary>What <c>If-Match</c> says about the present entity tag (RFC 9110 section 13.1.1).</summary>
internal enum TagMatch
{
    /// <summary>There is no <c>If-Match</c>.</summary>
    Missing,

    /// <summary>It names other tags, or is malformed.</summary>
    Stale,

    /// <summary>It names the present tag.</summary>
    Current,

    /// <summary>It is <c>*</c>.</summary>
    Any,
}

/// <summary>Reads <c>If-Match</c>.</summary>
internal static class EntityTags
{
    /// <summary>Compares strongly: a weak tag never matches.</summary>
    public static TagMatch Match(HttpRequest request, string current)
    {
        if (request.Headers.IfMatch.Count == 0) return TagMatch.Missing;
        if (!EntityTagHeaderValue.TryParseStrictList(request.Headers.IfMatch!, out IList<EntityTagHeaderValue>? tags)) return TagMatch.Stale;
        var present = new EntityTagHeaderValue(current);
        foreach (EntityTagHeaderValue tag in tags)
        {
            if (tag.Equals(EntityTagHeaderValue.Any)) return TagMatch.Any;
            if (tag.Compare(present, useStrongComparison: true)) return TagMatch.Current;
        }

        return TagMatch.Stale;
    }
}
