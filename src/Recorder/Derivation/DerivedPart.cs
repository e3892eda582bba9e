using Sfu.Media.Codecs;

namespace Sfu.Recorder.Derivation;

/// <summary>One file that was written.</summary>
public sealed record DerivedPart
{
    /// <summary>Name of the file in its folder.</summary>
    public required string File { get; init; }

    /// <summary>Why it begins where it does: <c>start</c>, <c>codec</c>, <c>size</c>, <c>rotation</c> or <c>ssrc</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>Where its time 0 lies, in nanoseconds from the start of the recording.</summary>
    public required long Start { get; init; }

    /// <summary>From time 0 to the end of what comes last, in nanoseconds.</summary>
    public long Duration { get; init; }

    /// <summary>Codec of the pictures, or null.</summary>
    public MediaCodec? Video { get; init; }

    /// <summary>Codec of the sound, or null.</summary>
    public MediaCodec? Audio { get; init; }

    /// <summary>Pictures in it.</summary>
    public long VideoFrames { get; init; }

    /// <summary>Audio packets in it.</summary>
    public long AudioPackets { get; init; }

    /// <summary>Degrees by which the pictures are to be turned clockwise.</summary>
    public int Rotation { get; init; }

    /// <summary>Pictures at its end that are to be turned otherwise: a new part can begin at a key frame only.</summary>
    public long TurnedFrames { get; init; }

    /// <summary>Pictures left out before its first one, because decoding cannot begin with them.</summary>
    public long LeftOutFrames { get; init; }

    /// <summary>How long they would have lasted, in nanoseconds.</summary>
    public long LeftOutDuration { get; init; }
}
