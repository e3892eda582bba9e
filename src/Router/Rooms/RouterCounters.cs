using Sfu.Media;
using Sfu.Media.Rtp;

namespace Sfu.Router.Rooms;

/// <summary>One worker's plain counters since its start; written by its thread only, copied into a snapshot each second.</summary>
public sealed class RouterCounters
{
    private readonly long[] _dropped = new long[(int)DropReason.Count];

    /// <summary>RTP packets received: audio, video.</summary>
    public long[] PacketsReceived { get; } = new long[2];

    /// <summary>RTP packets handed to transports: audio, video.</summary>
    public long[] PacketsSent { get; } = new long[2];

    /// <summary>RTP bytes received: audio, video.</summary>
    public long[] BytesReceived { get; } = new long[2];

    /// <summary>RTP bytes handed to transports: audio, video.</summary>
    public long[] BytesSent { get; } = new long[2];

    /// <summary>Packets we asked clients for again.</summary>
    public long NacksSent { get; set; }

    /// <summary>Packets clients asked for again.</summary>
    public long NacksReceived { get; set; }

    /// <summary>Packets sent again.</summary>
    public long Retransmissions { get; set; }

    /// <summary>Of the packets sent again: those that left later than in the turn in which they were asked for.</summary>
    public long RepairsPaced { get; set; }

    /// <summary>Packets that waited to be sent again for too long.</summary>
    public long RepairsLate { get; set; }

    /// <summary>Packets that were not to be sent again because too many waited already.</summary>
    public long RepairsFull { get; set; }

    /// <summary>Packets that waited to be sent again and no longer were there, or were allowed, when they could have left.</summary>
    public long RepairsGone { get; set; }

    /// <summary>Key frame requests sent to producers.</summary>
    public long KeyFrameRequestsSent { get; set; }

    /// <summary>Key frame requests of viewers, by RTCP or by joining.</summary>
    public long KeyFrameRequestsReceived { get; set; }

    /// <summary>RTP packets written into pipes to other workers: audio, video.</summary>
    public long[] PipePacketsOut { get; } = new long[2];

    /// <summary>RTP packets read from pipes of other workers: audio, video.</summary>
    public long[] PipePacketsIn { get; } = new long[2];

    /// <summary>RTP packets that a pipe had no room for, and those of a picture that were of no use without them.</summary>
    public long PipeLost { get; set; }

    /// <summary>Live producers: audio, video.</summary>
    public int[] Producers { get; } = new int[2];

    /// <summary>Live consumers: audio, video.</summary>
    public int[] Consumers { get; } = new int[2];

    /// <summary>Drops, indexed by <see cref="DropReason"/>.</summary>
    public IReadOnlyList<long> Dropped => _dropped;

    /// <summary>Counts one drop.</summary>
    public void Drop(DropReason reason) => _dropped[(int)reason]++;

    internal void Received(MediaKind kind, int bytes)
    {
        PacketsReceived[(int)kind]++;
        BytesReceived[(int)kind] += bytes;
    }

    internal void Sent(MediaKind kind, int packets, long bytes)
    {
        PacketsSent[(int)kind] += packets;
        BytesSent[(int)kind] += bytes;
    }
}
