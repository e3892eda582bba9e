using System.Diagnostics.CodeAnalysis;
using Sfu.Media.Dtls;
using Sfu.Media.Ice;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>A client's offer, checked and resolved: what the control plane decides on and <see cref="AnswerBuilder"/> answers. Immutable.</summary>
/// <remarks>The server is ICE-lite, DTLS server, and carries everything over one bundled transport; an offer that cannot be served
/// that way is an error. What concerns one section only (codec, direction, closed port) is that section's matter.</remarks>
public sealed class OfferView
{
    internal OfferView(
        SessionDescription description, NegotiatedSession? previous, IReadOnlyList<OfferSection> sections, IReadOnlyList<string> bundleMids,
        IceCredentials ice, IReadOnlyList<DtlsFingerprint> fingerprints, bool isIceRestart)
    {
        Description = description;
        Previous = previous;
        Sections = sections;
        BundleMids = bundleMids;
        Ice = ice;
        Fingerprints = fingerprints;
        IsIceRestart = isIceRestart;
    }

    /// <summary>The offer as it was written.</summary>
    public SessionDescription Description { get; }

    /// <summary>What was agreed before; null for a first offer.</summary>
    public NegotiatedSession? Previous { get; }

    /// <summary>The sections, in order; the answer has exactly as many.</summary>
    public IReadOnlyList<OfferSection> Sections { get; }

    /// <summary>Mids of the live bundled sections, in the order of the group; the first one's transport is the transport.
    /// Empty when a later offer stopped everything: credentials and hashes are then those agreed before.</summary>
    public IReadOnlyList<string> BundleMids { get; }

    /// <summary>The client's ICE credentials.</summary>
    public IceCredentials Ice { get; }

    /// <summary>The client's certificate hashes (SHA-256 or stronger); at least one.</summary>
    public IReadOnlyList<DtlsFingerprint> Fingerprints { get; }

    /// <summary>The client asks for an ICE restart: its credentials changed (RFC 8839 section 4.4.1.1.1).</summary>
    public bool IsIceRestart { get; }

    /// <summary>Finds a section by its mid; null when there is no such live section.</summary>
    public OfferSection? FindSection(string mid)
    {
        foreach (OfferSection section in Sections)
        {
            if (section.IsLive && section.Mid == mid) return section;
        }

        return null;
    }

    /// <summary>Checks an offer against what the server can do and against what was agreed before.</summary>
    /// <param name="offer">What the client sent.</param>
    /// <param name="previous">The result of the last answer on this transport; null for a first offer.</param>
    /// <param name="view">The resolved offer when the result is true.</param>
    /// <param name="error">What is wrong when the result is false; nothing of the previous agreement has changed then.</param>
    public static bool TryRead(
        SessionDescription offer, NegotiatedSession? previous, [NotNullWhen(true)] out OfferView? view, [NotNullWhen(false)] out SdpError? error)
    {
        ArgumentNullException.ThrowIfNull(offer);
        return new OfferReader(offer, previous).TryRead(out view, out error);
    }
}
