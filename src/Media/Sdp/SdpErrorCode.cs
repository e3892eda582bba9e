namespace Sfu.Media.Sdp;

/// <summary>Why a description was refused: a closed set, so that callers can count and answer by it.</summary>
public enum SdpErrorCode
{
    /// <summary>More text than <see cref="SdpLimits.MaxCharacters"/>.</summary>
    TooLarge,

    /// <summary>More lines than <see cref="SdpLimits.MaxLines"/>.</summary>
    TooManyLines,

    /// <summary>More m-sections than <see cref="SdpLimits.MaxSections"/>, or <see cref="SdpLimits.MaxFragmentSections"/> in a fragment.</summary>
    TooManySections,

    /// <summary>More candidates in one m-section than <see cref="SdpLimits.MaxCandidates"/>.</summary>
    TooManyCandidates,

    /// <summary>More values in one attribute, or repetitions of it, than its own limit allows.</summary>
    TooManyValues,

    /// <summary>A line or value does not follow its grammar.</summary>
    Malformed,

    /// <summary>A number is not decimal or lies outside its range.</summary>
    OutOfRange,

    /// <summary>A line or attribute that is needed is absent.</summary>
    Missing,

    /// <summary>Two values contradict each other, within one description or with what was negotiated before.</summary>
    Conflict,

    /// <summary>Well-formed, but something this server does not do.</summary>
    Unsupported,
}
