using Sfu.Media.Rtp;

namespace Sfu.Media.Video;

/// <summary>Limits and output form of one <see cref="FrameAssembler"/>. The defaults are those of reading a recording: patient.</summary>
public sealed record FrameAssemblerOptions
{
    /// <summary>Packets that wait for their turn at most; 16 to 65,536, default 2,048. When as many wait, the hole before them is given up.</summary>
    public int MaxPackets { get; init; } = 2048;

    /// <summary>A hole is given up when a packet this many numbers later has come; 1 to <see cref="MaxPackets"/>, default 1,024.</summary>
    public int MaxReorder { get; init; } = 1024;

    /// <summary>A hole is given up this long after the first packet behind it came; default 2 s. See <see cref="FrameAssembler.Hold"/>.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Take the first key frame that comes, rather than wait for earlier packets that may come late; default false.</summary>
    public bool StartAtKeyFrame { get; init; }

    /// <summary>Longest frame in bytes; 256 to 64 Mi, default 8 MiB. A longer one is dropped and counted.</summary>
    public int MaxFrameBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>NAL units or OBUs in one frame at most; default 4,096. A frame of more is dropped and counted.</summary>
    public int MaxUnits { get; init; } = 4096;

    /// <summary>Longest packet in bytes, with its header; default 1,500.</summary>
    public int MaxPacketBytes { get; init; } = 1500;

    /// <summary>Form of H.264 and H.265 frames; default Annex B.</summary>
    public NalFraming Framing { get; init; }

    /// <summary>Begin each AV1 temporal unit with a temporal delimiter OBU: for IVF and OBU files, not for Matroska or MP4
    /// ("AV1 in Matroska" and "AV1 in ISOBMFF" say to leave it out); default false.</summary>
    public bool WithTemporalDelimiter { get; init; }

    /// <summary>The negotiated header extensions: video orientation and dependency descriptors are read.</summary>
    public HeaderExtensionMap Extensions { get; init; } = HeaderExtensionMap.Empty;
}
