using Sfu.Media.Codecs;

namespace Sfu.Media.Sdp.Negotiation;

/// <summary>One m-section of a client's offer, with everything resolved that decides about it. Immutable.</summary>
public sealed class OfferSection
{
    internal OfferSection(
        int index, MediaSection description, SectionKind kind, bool isLive, SdpDirection direction,
        IReadOnlyList<CodecFormat> codecs, IReadOnlyList<OfferedExtension> extensions, IReadOnlyList<OfferedEncoding> encodings)
    {
        Index = index;
        Description = description;
        Kind = kind;
        IsLive = isLive;
        Direction = direction;
        Codecs = codecs;
        Extensions = extensions;
        Encodings = encodings;
    }

    /// <summary>Position in the offer and in the answer, from 0.</summary>
    public int Index { get; }

    /// <summary>The section as it was written.</summary>
    public MediaSection Description { get; }

    /// <summary>Its mid; null only when it is not live.</summary>
    public string? Mid => Description.Mid;

    /// <summary>What it is about.</summary>
    public SectionKind Kind { get; }

    /// <summary>True when it may be accepted: bundled (or alone), secured, and not stopped by its port.</summary>
    public bool IsLive { get; }

    /// <summary>Direction as the client sees it.</summary>
    public SdpDirection Direction { get; }

    /// <summary>It is live and about audio or video.</summary>
    public bool IsMedia => IsLive && (Kind is SectionKind.Audio or SectionKind.Video);

    /// <summary>The client sends media on it.</summary>
    public bool CanSend => IsMedia && (Direction & SdpDirection.SendOnly) != 0;

    /// <summary>The client receives media on it.</summary>
    public bool CanReceive => IsMedia && (Direction & SdpDirection.RecvOnly) != 0;

    /// <summary>The codecs the server knows, in the client's order and numbering, RTX folded in, with the feedback the client offers.</summary>
    public IReadOnlyList<CodecFormat> Codecs { get; }

    /// <summary>The header extensions the server knows.</summary>
    public IReadOnlyList<OfferedExtension> Extensions { get; }

    /// <summary>What the client sends, lowest resolution first; empty when it does not send.</summary>
    public IReadOnlyList<OfferedEncoding> Encodings { get; }

    /// <summary>MediaStream and track id the client gave, or null.</summary>
    public Msid? Msid => Description.Msids.Count > 0 ? Description.Msids[0] : null;

    /// <summary>RTCP canonical name of the first source, or null.</summary>
    public string? Cname
    {
        get
        {
            foreach (SsrcLine line in Description.Ssrcs)
            {
                if (line.Attribute == "cname") return line.Value;
            }

            return null;
        }
    }
}
