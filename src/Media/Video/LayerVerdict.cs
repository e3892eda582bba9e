namespace Sfu.Media.Video;

/// <summary>What to do with the bytes of a layer frame that ended.</summary>
internal enum LayerVerdict
{
    /// <summary>They are a layer frame.</summary>
    Use = 0,

    /// <summary>They are not usable.</summary>
    Drop,

    /// <summary>They hold no picture (parameter sets sent on their own): they belong before the next one.</summary>
    Carry,
}
