namespace Sfu.Media.Sdp.Negotiation;

/// <summary>What an m-section is about.</summary>
public enum SectionKind
{
    /// <summary>RTP audio.</summary>
    Audio,

    /// <summary>RTP video.</summary>
    Video,

    /// <summary>Data channels (<c>m=application</c>).</summary>
    Data,

    /// <summary>Something else; always rejected.</summary>
    Other,
}
