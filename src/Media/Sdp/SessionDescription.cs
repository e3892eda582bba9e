using System.Diagnostics.CodeAnalysis;

namespace Sfu.Media.Sdp;

/// <summary>A session description (RFC 8866) with what WebRTC adds to it (RFC 8829). Immutable.</summary>
/// <remarks>Attributes that neither side needs are not kept: an unknown one must be ignored anyway (RFC 8866 section 5.13).</remarks>
public sealed class SessionDescription : SdpLevel
{
    /// <summary>The origin line.</summary>
    public required SdpOrigin Origin { get; init; }

    /// <summary>Groups of sections.</summary>
    public IReadOnlyList<SdpGroup> Groups { get; init; } = [];

    /// <summary><c>a=ice-lite</c> (RFC 8839 section 5.3).</summary>
    public bool IceLite { get; init; }

    /// <summary><c>a=msid-semantic</c> as written, without leading spaces, or null.</summary>
    public string? MsidSemantic { get; init; }

    /// <summary>The m-sections, in order.</summary>
    public IReadOnlyList<MediaSection> MediaSections { get; init; } = [];

    /// <summary>The mids of the BUNDLE group; empty when there is none. Of several groups the first counts.</summary>
    public IReadOnlyList<string> BundleMids
    {
        get
        {
            foreach (SdpGroup group in Groups)
            {
                if (group.Semantics == "BUNDLE") return group.Mids;
            }

            return [];
        }
    }

    /// <summary>Reads a description in linear time; never throws, whatever the text.</summary>
    /// <param name="text">Hostile text; lines end with CRLF or LF.</param>
    /// <param name="description">The description when the result is true.</param>
    /// <param name="error">What is wrong and where when the result is false.</param>
    public static bool TryParse(
        ReadOnlySpan<char> text, [NotNullWhen(true)] out SessionDescription? description, [NotNullWhen(false)] out SdpError? error) =>
        new SdpParser(text).TryParse(out description, out error);

    /// <summary>The description as text with CRLF line ends, in one canonical order.</summary>
    public override string ToString() => SdpWriter.Write(this);
}
