namespace Sfu.Media.Jitter;

/// <summary>What became of a packet that was given to a buffer that puts packets in order.</summary>
public enum ReorderResult
{
    /// <summary>It waits for its turn.</summary>
    Stored = 0,

    /// <summary>Its number is there already.</summary>
    Duplicate,

    /// <summary>Its place was passed: used already, or given up.</summary>
    Late,

    /// <summary>Longer than allowed, or its padding is wrong.</summary>
    Malformed,

    /// <summary>As many packets wait as may: what is ready must be taken first.</summary>
    Full,
}
