using Sfu.Media.Time;

namespace Sfu.Media.Audio;

/// <summary>One stretch of an audio stream. All but telephone events follow each other without gap or overlap.</summary>
public readonly record struct AudioSpanInfo
{
    /// <summary>What it is.</summary>
    public AudioSpanKind Kind { get; init; }

    /// <summary>Where it begins, in samples at 48 kHz; the first one of a stream begins at its extended time stamp.</summary>
    public long Start { get; init; }

    /// <summary>How long it is, in samples at 48 kHz.</summary>
    public long Length { get; init; }

    /// <summary>Where it ends.</summary>
    public long End => Start + Length;

    /// <summary>Samples at 48 kHz to leave out at the beginning of what is decoded, because they were there already; else 0.</summary>
    public int Skip { get; init; }

    /// <summary>RTP time stamp of the packet, extended, in ticks of the stream's clock. For silence and loss that of the packet behind.</summary>
    public long Timestamp { get; init; }

    /// <summary>Extended sequence number of the packet; for silence and loss that of the packet behind.</summary>
    public long Sequence { get; init; }

    /// <summary>When the packet came; for silence and loss the packet behind.</summary>
    public MediaTime ReceivedAt { get; init; }

    /// <summary>The media was lost and came again in a later packet (RFC 2198).</summary>
    public bool IsFromRedundancy { get; init; }

    /// <summary>An Opus packet that says no more than that the sender is there; decoders make noise of it.</summary>
    public bool IsDtx { get; init; }

    /// <summary>How much of a loss, at its end, the packet behind can make good (Opus in-band FEC), in samples at 48 kHz:
    /// <see cref="AudioSpan.Payload"/> is that packet then.</summary>
    public int FecLength { get; init; }

    /// <summary>Packets missing in a loss, where the sequence numbers tell; else 0.</summary>
    public long LostPackets { get; init; }

    /// <summary>The sender's time stamps jumped: from here on they count from elsewhere, and <see cref="Start"/> follows the receive times.</summary>
    public bool IsDiscontinuity { get; init; }
}
