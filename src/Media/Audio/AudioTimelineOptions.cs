using Sfu.Media.Codecs;

namespace Sfu.Media.Audio;

/// <summary>What the payload types of one audio stream mean, and limits.</summary>
public sealed record AudioTimelineOptions
{
    /// <summary>Opus, PCMU, PCMA or G.722.</summary>
    public required MediaCodec Codec { get; init; }

    /// <summary>Payload type of that codec, 0 to 127.</summary>
    public required byte PayloadType { get; init; }

    /// <summary>RTP clock in Hz, a divisor of 48,000. Opus 48,000; PCMU, PCMA and G.722 8,000: G.722 samples at 16 kHz, but RFC 3551 section
    /// 4.5.2 keeps its clock at 8 kHz.</summary>
    public required int ClockRate { get; init; }

    /// <summary>Payload type of redundant audio (RFC 2198), or null.</summary>
    public byte? RedPayloadType { get; init; }

    /// <summary>Payload type of comfort noise (RFC 3389; 13 at 8 kHz), or null.</summary>
    public byte? ComfortNoisePayloadType { get; init; }

    /// <summary>Payload type of telephone events (RFC 4733), or null. Their clock must be that of the codec.</summary>
    public byte? TelephoneEventPayloadType { get; init; }

    /// <summary>Packets that wait for their turn at most; 16 to 65,536, default 512.</summary>
    public int MaxPackets { get; init; } = 512;

    /// <summary>A hole is given up when a packet this many numbers later has come; 1 to <see cref="MaxPackets"/>, default 256.</summary>
    public int MaxReorder { get; init; } = 256;

    /// <summary>A hole is given up this long after the first packet behind it came; default 2 s.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest packet in bytes, with its header; default 1,500.</summary>
    public int MaxPacketBytes { get; init; } = 1500;

    /// <summary>Time stamps that run ahead of the receive times by more than this in one step, or go back by more, are a jump of the sender's
    /// clock and no silence; default 5 s.</summary>
    public TimeSpan MaxDrift { get; init; } = TimeSpan.FromSeconds(5);
}
