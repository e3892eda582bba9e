using Sfu.Media.Congestion;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Consumers;
using Sfu.Router.Feedback;
using Sfu.Router.Overload;
using Sfu.Router.Producers;
using Sfu.Router.Workers;

namespace Sfu.Router.Rooms;

/// <summary>One participant's transport as its room sees it: what it sends and what it is sent.</summary>
/// <remarks>Made by <see cref="RoomRouter.AddTransport"/>; owned by the room's worker.</remarks>
public sealed class RoutedTransport
{
    private readonly Dictionary<uint, ulong> _nextIndices = [];
    private readonly Dictionary<uint, SentNumbers> _numbers = [];
    /// <summary>The slot of a publisher on another worker: nothing is ever sent to it from here.</summary>
    internal const int NoSlot = -1;

    private readonly IPacketOutput _output;
    private long _bytesOfEnded;
    private long _bytesAgain;
    private long _bytesRefilled;

    internal RoutedTransport(TransportId id, int slot, IPacketOutput output, Bitrate ingress)
    {
        Ingress = new IngressBucket(ingress);
        Id = id;
        Slot = slot;
        _output = output;
    }

    /// <summary>Its id.</summary>
    public TransportId Id { get; }

    /// <summary>Its number on the worker.</summary>
    internal int Slot { get; }

    /// <summary>It is a publisher on another worker, whose tracks come through a pipe: never connected here, and nothing is sent to it.</summary>
    internal bool IsRemote { get; init; }

    /// <summary>There are keys and an address.</summary>
    internal bool IsConnected { get; set; }

    /// <summary>Its link takes no video: nothing of it is sent until it is free, and then from a key frame on.</summary>
    internal bool IsLinkFull { get; set; }

    /// <summary>What its SSRCs are.</summary>
    internal SsrcTable Ssrcs { get; } = new();

    /// <summary>What it may send in all.</summary>
    internal IngressBucket Ingress { get; }

    /// <summary>What it sends.</summary>
    internal List<Producer> Producers { get; } = [];

    /// <summary>What it is sent.</summary>
    internal List<Consumer> Consumers { get; } = [];

    /// <summary>Arrivals for transport-cc feedback.</summary>
    internal TransportCcRecorder TransportCc { get; } = new();

    /// <summary>Brings its wall clock to ours.</summary>
    internal ClockOffset Clock { get; } = new();

    /// <summary>Round trip from its receiver reports.</summary>
    internal RoundTripEstimate RoundTrip { get; } = new();

    private RetransmissionBudget Retransmissions { get; } = new();

    /// <summary>Bytes of its RTP packets received.</summary>
    internal long BytesReceived { get; set; }

    /// <summary>Bytes of RTP packets handed to it.</summary>
    internal long BytesSent => BytesForwarded + _bytesAgain;

    /// <summary>When its next reports are due.</summary>
    internal MediaTime NextReport { get; set; } = MediaTime.Never;

    /// <summary>When something of it is due; never later than that.</summary>
    internal MediaTime NextDeadline { get; set; } = MediaTime.Never;

    /// <summary>When the worker is to be woken for it, if nothing wakes it before; never later than needed.</summary>
    internal MediaTime WakeAt { get; set; } = MediaTime.Never;

    /// <summary>The consumer that sends on an SSRC, or null.</summary>
    internal Consumer? FindConsumer(Ssrc ssrc)
    {
        foreach (Consumer consumer in Consumers)
            if (consumer.Parameters.Ssrc == ssrc) return consumer;
        return null;
    }

    /// <summary>Where the numbers of an SSRC go on that was used on this transport before, or <paramref name="first"/>: under one key
    /// an index must never name two packets, whoever sends them.</summary>
    internal ulong FirstIndex(Ssrc ssrc, ulong first) => _nextIndices.GetValueOrDefault(ssrc.Value, first);

    /// <summary>Remembers where the numbers of an SSRC ended.</summary>
    internal void KeepIndex(Ssrc ssrc, ulong next) => _nextIndices[ssrc.Value] = next;

    /// <summary>What a reserved SSRC counted so far, for the consumer that goes on with it; null when nobody used it.</summary>
    internal SentNumbers? TakeNumbers(Ssrc ssrc) => _numbers.Remove(ssrc.Value, out SentNumbers numbers) ? numbers : null;

    /// <summary>Keeps what a reserved SSRC counted until the next consumer goes on with it.</summary>
    internal void KeepNumbers(Ssrc ssrc, SentNumbers numbers) => _numbers[ssrc.Value] = numbers;

    /// <summary>Remembers what a consumer sent that ends.</summary>
    internal void KeepBytes(long bytes) => _bytesOfEnded += bytes;

    /// <summary>Queues one RTP packet for it.</summary>
    internal void SendRtp(in OutgoingRtp packet) => _output.SendRtp(Slot, packet);

    /// <summary>Queues one plain RTCP compound for it.</summary>
    internal void SendRtcp(ReadOnlySpan<byte> compound) => _output.SendRtcp(Slot, compound);

    /// <summary>Takes the bytes of a packet from what it may make us send again, at the price of what the worker sheds; false when there are
    /// not enough.</summary>
    internal bool TryTakeRetransmission(int bytes, MediaKind kind, Shedding shedding)
    {
        long forwarded = BytesForwarded;
        Retransmissions.OnForwarded(forwarded - _bytesRefilled);
        _bytesRefilled = forwarded;
        return shedding.TryTakeRepair(Retransmissions, kind, bytes);
    }

    /// <summary>A packet was sent again.</summary>
    internal void OnSentAgain(int bytes) => _bytesAgain += bytes;

    private unsafe long BytesForwarded
    {
        get
        {
            long bytes = _bytesOfEnded;
            foreach (Consumer consumer in Consumers) bytes += consumer.Lane->Bytes;
            return bytes;
        }
    }

    /// <summary>True while a consumer sends on an SSRC, packets or retransmissions.</summary>
    internal bool IsSending(Ssrc ssrc)
    {
        foreach (Consumer consumer in Consumers)
            if (consumer.Parameters.Ssrc == ssrc || consumer.Parameters.RtxSsrc == ssrc) return true;
        return false;
    }
}
