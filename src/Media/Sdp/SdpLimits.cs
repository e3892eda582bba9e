namespace Sfu.Media.Sdp;

/// <summary>Bounds of what is read from a client; a description beyond them is refused before anything is built from it.</summary>
public static class SdpLimits
{
    /// <summary>Longest description: 524,288 characters.</summary>
    public const int MaxCharacters = 512 * 1024;

    /// <summary>Most lines.</summary>
    public const int MaxLines = 16_000;

    /// <summary>Most m-sections.</summary>
    public const int MaxSections = 256;

    /// <summary>Most m-sections of a trickle fragment: with BUNDLE all candidates belong to one.</summary>
    public const int MaxFragmentSections = 32;

    /// <summary>Most candidates in one m-section.</summary>
    public const int MaxCandidates = 100;

    /// <summary>Most fingerprints of one level.</summary>
    public const int MaxFingerprints = 16;

    /// <summary>Most header extensions of one level; each section also goes through those of the session.</summary>
    public const int MaxExtMaps = 128;

    /// <summary>Most distinct SSRCs one m-section may announce.</summary>
    public const int MaxSsrcs = 32;

    /// <summary>Most simulcast streams or alternatives in one m-section.</summary>
    public const int MaxRids = 32;

    /// <summary>Longest mid, in characters.</summary>
    public const int MaxMidLength = 64;

    /// <summary>Longest rid, in characters.</summary>
    public const int MaxRidLength = 32;
}
