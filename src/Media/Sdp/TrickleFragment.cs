using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sfu.Media.Ice;

namespace Sfu.Media.Sdp;

/// <summary>A body of type <c>application/trickle-ice-sdpfrag</c> (RFC 8840 section 9): candidates, and for a restart new credentials. Immutable.</summary>
public sealed class TrickleFragment
{
    /// <summary>The content type.</summary>
    public const string ContentType = "application/trickle-ice-sdpfrag";

    /// <summary>The sender's credentials, or null when the fragment has none.</summary>
    public IceCredentials? Credentials { get; init; }

    /// <summary>The sender is ICE-lite.</summary>
    public bool IceLite { get; init; }

    /// <summary>No further candidate of any section will follow.</summary>
    public bool EndOfCandidates { get; init; }

    /// <summary>The sections with their candidates.</summary>
    public IReadOnlyList<TrickleSection> Sections { get; init; } = [];

    /// <summary>Reads a fragment under the limits of <see cref="SdpLimits"/>; never throws.</summary>
    /// <param name="text">Hostile text; lines end with CRLF or LF.</param>
    /// <param name="fragment">The fragment when the result is true.</param>
    /// <param name="error">What is wrong and where when the result is false.</param>
    public static bool TryParse(
        ReadOnlySpan<char> text, [NotNullWhen(true)] out TrickleFragment? fragment, [NotNullWhen(false)] out SdpError? error) =>
        new TrickleParser(text).TryParse(out fragment, out error);

    /// <summary>The fragment as text with CRLF line ends.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(512);
        if (IceLite) text.Append("a=ice-lite\r\n");
        if (Credentials is { } ice) text.Append("a=ice-ufrag:").Append(ice.Ufrag).Append("\r\na=ice-pwd:").Append(ice.Password).Append("\r\n");
        if (EndOfCandidates) text.Append("a=end-of-candidates\r\n");
        foreach (TrickleSection section in Sections)
        {
            // The m-line only opens the section: its content means nothing (RFC 8840 section 9).
            text.Append("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n");
            if (section.Mid is { } mid) text.Append("a=mid:").Append(mid).Append("\r\n");
            foreach (string candidate in section.Candidates) text.Append("a=candidate:").Append(candidate).Append("\r\n");
            if (section.EndOfCandidates) text.Append("a=end-of-candidates\r\n");
        }

        return text.ToString();
    }
}
