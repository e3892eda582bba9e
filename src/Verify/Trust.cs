namespace Sfu.Verify;

/// <summary>How far a file's content may be believed.</summary>
internal enum Trust
{
    /// <summary>Signed by a known key.</summary>
    Genuine,

    /// <summary>Signed by somebody unknown, or its signature cannot be checked; no more can be said of it.</summary>
    Unknown,

    /// <summary>Changed.</summary>
    Changed,
}
