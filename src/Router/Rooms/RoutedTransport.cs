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

    private const long LowestPacing = 300_000;             // bit/s
    private const int PacedPerForwarded = 2;

    private readonly IPacketOutput _output;
    private long _bytesOfEnded;
    private long _bytesAgain;
    private long _bytesRefilled;
    private RateMeter _forwarded;
    private Pacer? _pacer;
    private RepairQueue? _repairs;

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

    /// <summary>What its link is thought to carry of what is paced; null while nobody estimates it, then it follows from what is forwarded.</summary>
    /// <remarks>The place of a bandwidth estimator.</remarks>
    internal Bitrate? PacingRate { get; set; }

    /// <summary>Something waits to be sent again.</summary>
    internal bool HasRepairs => _repairs is { Count: > 0 };

    /// <summary>What waits to be sent again.</summary>
    internal RepairQueue Repairs => _repairs ??= new RepairQueue();

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
    internal void OnSentAgain(MediaTime now, int bytes)
    {
        _bytesAgain += bytes;
        _pacer?.OnSent(now, bytes);
    }

    /// <summary>It is connected: what is forwarded is measured from here on.</summary>
    internal void StartMeasuring(MediaTime now) => _forwarded.Start(now, BytesForwarded);

    /// <summary>Takes account of what was forwarded since the last call.</summary>
    internal void Measure(MediaTime now)
    {
        long bytes = _forwarded.Look(now, BytesForwarded);
        if (_pacer is null) return;
        _pacer.OnSentBefore(now, bytes);
        _pacer.SetRate(now, PacingRate ?? PacingOf(_forwarded.Rate));
    }

    /// <summary>What says when more may be sent to it, as of now.</summary>
    internal Pacer Pace(MediaTime now)
    {
        Measure(now);
        return _pacer ??= new Pacer(now, PacingRate ?? PacingOf(_forwarded.Rate));
    }

    /// <summary>A consumer ends: nothing of it waits any more.</summary>
    /// <returns>How much did.</returns>
    internal int ForgetRepairs(Consumer consumer) => _repairs?.Remove(consumer) ?? 0;

    /// <summary>Twice what is forwarded, so that there is as much room for repairs as for the live media; docs/adr/0013-paced-repairs.md says what
    /// other factors do. Never less than 300 kbit/s, so that a still picture is repaired soon.</summary>
    private static Bitrate PacingOf(Bitrate forwarded) => new(Math.Max(LowestPacing, forwarded.BitsPerSecond * PacedPerForwarded));

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
