using Sfu.Media.Codecs;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Producers;
using Sfu.Router.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;
using Sfu.Router.Workers.Events;

namespace Sfu.Benchmarks.Forwarding;

/// <summary>What a room does with a video packet: once, and for each viewer. Nothing is protected or sent.</summary>
internal sealed class RoomStages : IWorkerEventSink, IPacketOutput, IDisposable
{
    private const int Packets = 500;
    private const byte Vp8 = 96;
    private const CodecFeedback Feedback = CodecFeedback.Nack | CodecFeedback.Pli | CodecFeedback.TransportCc;

    private static readonly HeaderExtensionMap Extensions = new(new Dictionary<byte, HeaderExtensionKind>
    {
        [3] = HeaderExtensionKind.TransportCc,
        [4] = HeaderExtensionKind.Mid,
    });

    private readonly RoomRouter _room;
    private readonly RoutedTransport _sender;
    private long _packets;
    private readonly byte[] _packet = new byte[1500];
    private readonly int _length;
    private MediaTime _now = MediaTime.FromSeconds(10);
    private ushort _number;

    /// <summary>Makes a room with one sender of video and some viewers.</summary>
    public RoomStages(int viewers, int payload)
    {
        _room = new RoomRouter(new RoomId(1), new RoomContext(
            this, new RouterCounters(), this, new RoomIndex(), new WallClockAnchor(MediaTime.Zero, 0), 1, new IngressLimits(default, default)));
        _sender = Join(1);
        _room.Execute(_now, new AddProducer(_sender.Id, new ProducerId(1), new ProducerParameters(
            MediaKind.Video, "v", [new CodecFormat(MediaCodec.Vp8, Vp8, 90_000, 0, "", 97, Feedback)], Extensions, [new EncodingParameters(null, null, null)])));
        var viewersJoined = new List<RoutedTransport>();
        for (int i = 0; i < viewers; i++)
        {
            RoutedTransport viewer = Join(i + 2);
            viewersJoined.Add(viewer);
            _room.Execute(_now, new AddConsumer(viewer.Id, new ConsumerId(i + 1), new ProducerId(1), new ConsumerParameters(
                "7", new Ssrc(0x9001), new Ssrc(0x9002), [new ConsumerCodec(Vp8, new CodecFormat(MediaCodec.Vp8, Vp8, 90_000, 0, "", 97, Feedback))], Extensions)));
        }

        _length = WriteFrame(payload, isKey: true);
        Forward();
        WriteFrame(payload, isKey: false);
        foreach (RoutedTransport viewer in viewersJoined) Report(viewer);
        if (_packets != (long)viewers * Packets) throw new InvalidOperationException($"{_packets} of {viewers * Packets} packets came out");
    }

    /// <inheritdoc/>
    public long Epoch { get; private set; }

    /// <summary>Nanoseconds for a packet and all its viewers.</summary>
    public double PerPacket() => CpuClock.Measure(Packets, () => { }, Forward);

    /// <inheritdoc/>
    public void Post(WorkerEvent workerEvent)
    {
    }

    /// <inheritdoc/>
    public void Drain() => Epoch++;

    /// <inheritdoc/>
    public void SendRtp(int slot, in OutgoingRtp packet) => _packets++;

    /// <inheritdoc/>
    public void SendRtcp(int slot, ReadOnlySpan<byte> compound)
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _room.Dispose();

    private RoutedTransport Join(long id)
    {
        RoutedTransport transport = _room.AddTransport(_now, new TransportId(id), (int)id);
        _room.OnConnected(_now, transport);
        return transport;
    }

    private void Forward()
    {
        for (int i = 0; i < Packets; i++)
        {
            _number++;
            _packet[2] = (byte)(_number >> 8);
            _packet[3] = (byte)_number;
            _packet[18] = _packet[2];                      // the transport-cc number
            _packet[19] = _packet[3];
            _now += TimeSpan.FromMilliseconds(1);
            RtpHeader.Parse(_packet.AsSpan(0, _length), out RtpHeader header);
            _room.OnRtp(_now, _sender, _packet.AsSpan(0, _length), header);
            Epoch++;                                       // the end of a turn
        }

        _room.OnDeadline(_now);
    }

    /// <summary>A viewer that has reported knows to which section its stream belongs.</summary>
    private void Report(RoutedTransport viewer)
    {
        var writer = new RtcpWriter(new byte[100]);
        writer.WriteReceiverReport(new Ssrc(1), [new ReportBlock(new Ssrc(0x9001), 0, 0, 0, 0, 0, 0)]);
        _room.OnRtcp(_now, viewer, writer.Written);
    }

    /// <summary>A packet of a VP8 frame with picture id and layers, so that every packet has all that is looked at.</summary>
    private int WriteFrame(int payload, bool isKey)
    {
        var writer = new RtpHeaderWriter(_packet, false, Vp8, default, new RtpTimestamp(3000), new Ssrc(0x1111));
        writer.AddExtension(4, "v"u8);
        writer.AddExtension(3, [0, 0]);
        int at = writer.Finish();
        byte[] start = [0x90, 0xE0, 0x80, 1, 1, 0, (byte)(isKey ? 0x10 : 0x11), 0, 0, 0x9D, 0x01, 0x2A, 0x80, 2, 0x68, 1];
        start.CopyTo(_packet, at);
        return at + payload;
    }
}
