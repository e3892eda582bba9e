namespace Sfu.Verify;

/// <summary>Where a segment stands among those that are there.</summary>
internal enum Place
{
    /// <summary>Others follow.</summary>
    Within,

    /// <summary>The last of which anything is there: it may be cut.</summary>
    Last,

    /// <summary>Behind it: gone with the end.</summary>
    Gone,
}
