namespace Sfu.Media.Video;

/// <summary>What became of a packet that was given to a <see cref="FrameAssembler"/>.</summary>
public enum FramePacketResult
{
    /// <summary>It waits for its turn.</summary>
    Stored = 0,

    /// <summary>Its number is there already.</summary>
    Duplicate,

    /// <summary>Its place was passed: used already, or given up.</summary>
    Late,

    /// <summary>Longer than <see cref="FrameAssemblerOptions.MaxPacketBytes"/>, or its padding is wrong.</summary>
    Malformed,

    /// <summary>As many packets wait as may, and frames were not taken: <see cref="FrameAssembler.TryTake"/> must come first.</summary>
    Full,
}
