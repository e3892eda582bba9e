using Sfu.Media.Codecs;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Overload;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Router.Tests.Rooms;

/// <summary>One room in virtual time with recorded outputs. Every call but the deferred ones ends its turn.</summary>
internal sealed class TestRoom : IWorkerEventSink, IPacketOutput, IDisposable
{
    public const byte OpusType = 111, RedType = 63, Vp8Type = 96, Vp8RtxType = 97;
    public const byte ViewerOpusType = 109, ViewerVp8Type = 100, ViewerRtxType = 101;
    public const long AnchorUnixNanoseconds = 1_800_000_000_000_000_000;

    public static readonly HeaderExtensionMap SenderExtensions = new(new Dictionary<byte, HeaderExtensionKind>
    {
        [1] = HeaderExtensionKind.AudioLevel,
        [3] = HeaderExtensionKind.TransportCc,
        [4] = HeaderExtensionKind.Mid,
        [10] = HeaderExtensionKind.Rid,
        [11] = HeaderExtensionKind.RepairedRid,
        [13] = HeaderExtensionKind.VideoOrientation,
    });

    public static readonly HeaderExtensionMap ViewerExtensions = new(new Dictionary<byte, HeaderExtensionKind>
    {
        [5] = HeaderExtensionKind.Mid,
        [6] = HeaderExtensionKind.AudioLevel,
        [7] = HeaderExtensionKind.TransportCc,
        [8] = HeaderExtensionKind.VideoOrientation,
        [9] = HeaderExtensionKind.AbsSendTime,
    });

    private readonly List<RecordingOutput> _outputs = [];
    private long _nextId = 1;

    public TestRoom(ulong seed = 1, IngressLimits? ingress = null)
    {
        Router = new RoomRouter(new RoomId(1), new RoomContext(
            this, Counters, this, Index, new WallClockAnchor(MediaTime.Zero, AnchorUnixNanoseconds), seed, ingress, Shedding));
    }

    public RoomRouter Router { get; }

    public RouterCounters Counters { get; } = new();

    public Shedding Shedding { get; } = new();

    public RoomIndex Index { get; } = new();

    public List<WorkerEvent> Events { get; } = [];

    public MediaTime Now { get; private set; } = MediaTime.FromSeconds(10);

    public long Epoch { get; private set; }

    public int Drains { get; private set; }

    public void Post(WorkerEvent workerEvent) => Events.Add(workerEvent);

    public void SendRtp(int slot, in OutgoingRtp packet) => _outputs[slot].SendRtp(packet);

    public void SendRtcp(int slot, ReadOnlySpan<byte> compound) => _outputs[slot].SendRtcp(compound);

    public void Drain()
    {
        Drains++;
        EndTurn();
    }

    public void EndTurn()
    {
        foreach (RecordingOutput output in _outputs) output.Drain();
        Epoch++;
    }

    /// <summary>Lets time pass, running every deadline on the way.</summary>
    public void Advance(TimeSpan span)
    {
        MediaTime end = Now + span;
        while (Router.NextDeadline <= end)
        {
            if (Router.NextDeadline > Now) Now = Router.NextDeadline;
            Router.OnDeadline(Now);
            EndTurn();
        }

        Now = end;
    }

    public void Advance(int milliseconds) => Advance(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>The worker sheds more or less from now on.</summary>
    public void Shed(ShedStep step)
    {
        Shedding.Step = step;
        Router.OnShedChanged(Now);
        EndTurn();
    }

    public TestTransport Join(bool connected = true)
    {
        var output = new RecordingOutput();
        _outputs.Add(output);
        var transport = new TestTransport(this, Router.AddTransport(Now, new TransportId(_nextId++), _outputs.Count - 1), output);
        if (connected) Router.OnConnected(Now, transport.Routed);
        return transport;
    }

    public bool Execute(WorkerCommand command)
    {
        bool done = Router.Execute(Now, command);
        EndTurn();
        return done;
    }

    public ProducerId Publish(TestTransport from, ProducerParameters parameters)
    {
        var id = new ProducerId(_nextId++);
        Assert.True(Execute(new AddProducer(from.Routed.Id, id, parameters)));
        return id;
    }

    public ProducerId PublishVideo(TestTransport from, params string?[] rids) => Publish(from, Video("v", rids));

    public ProducerId PublishAudio(TestTransport from) => Publish(from, Audio("a"));

    public ConsumerId Subscribe(TestTransport to, ProducerId producer, ConsumerParameters parameters)
    {
        var id = new ConsumerId(_nextId++);
        Assert.True(Execute(new AddConsumer(to.Routed.Id, id, producer, parameters)));
        return id;
    }

    public static ProducerParameters Video(string mid, params string?[] rids) => new(
        MediaKind.Video, mid,
        [new CodecFormat(MediaCodec.Vp8, Vp8Type, 90_000, 0, "", Vp8RtxType, AllFeedback)],
        SenderExtensions,
        rids.Length == 0 ? [new EncodingParameters(null, null, null)] : [.. rids.Select(rid => new EncodingParameters(rid, null, null))]);

    public static ProducerParameters Audio(string mid) => new(
        MediaKind.Audio, mid,
        [
            new CodecFormat(MediaCodec.Opus, OpusType, 48_000, 2, "", null, CodecFeedback.Nack | CodecFeedback.TransportCc),
            new CodecFormat(MediaCodec.Red, RedType, 48_000, 2, "", null, CodecFeedback.TransportCc),
        ],
        SenderExtensions, [new EncodingParameters(null, null, null)]);

    public static ConsumerParameters VideoConsumer(uint ssrc, uint? rtxSsrc, HeaderExtensionMap? extensions = null) => new(
        "7", new Ssrc(ssrc), rtxSsrc is { } rtx ? new Ssrc(rtx) : null,
        [new ConsumerCodec(Vp8Type, new CodecFormat(
            MediaCodec.Vp8, ViewerVp8Type, 90_000, 0, "", rtxSsrc is null ? null : ViewerRtxType, AllFeedback))],
        extensions ?? ViewerExtensions);

    public static ConsumerParameters AudioConsumer(uint ssrc, CodecFeedback feedback = CodecFeedback.TransportCc) => new(
        "8", new Ssrc(ssrc), null,
        [
            new ConsumerCodec(OpusType, new CodecFormat(MediaCodec.Opus, ViewerOpusType, 48_000, 2, "", null, feedback)),
            new ConsumerCodec(RedType, new CodecFormat(MediaCodec.Opus, ViewerOpusType, 48_000, 2, "", null, feedback)),
        ],
        ViewerExtensions);

    public void Dispose() => Router.Dispose();

    private const CodecFeedback AllFeedback =
        CodecFeedback.Nack | CodecFeedback.Pli | CodecFeedback.Fir | CodecFeedback.TransportCc | CodecFeedback.Remb;
}

/// <summary>One participant of a <see cref="TestRoom"/>.</summary>
internal sealed record TestTransport(TestRoom Room, RoutedTransport Routed, RecordingOutput Output)
{
    /// <summary>Sends a packet; the turn goes on.</summary>
    public void SendDeferred(byte[] packet)
    {
        byte[] copy = [.. packet];
        Assert.Equal(Media.DropReason.None, RtpHeader.Parse(copy, out RtpHeader header));
        Room.Router.OnRtp(Room.Now, Routed, copy, header);
    }

    public void Send(byte[] packet)
    {
        SendDeferred(packet);
        Room.EndTurn();
    }

    public void SendRtcp(RtcpWriterAction write)
    {
        var writer = new RtcpWriter(new byte[1200]);
        write(ref writer);
        Room.Router.OnRtcp(Room.Now, Routed, writer.Written);
        Room.EndTurn();
    }
}

internal delegate void RtcpWriterAction(ref RtcpWriter writer);
