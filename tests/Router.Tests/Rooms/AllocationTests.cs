using System.Buffers.Binary;
using Sfu.Media;
using Sfu.Media.Buffers;
using Sfu.Media.Codecs;
using Sfu.Media.Ice;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Srtp;
using Sfu.Media.Time;
using Sfu.Router.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Rooms;

/// <summary>The packet path allocates nothing: receive, unprotect, route, rewrite, protect, hand over, with real keys.</summary>
/// <remarks>Runs alone: a collection caused by another test's garbage retires this thread's allocation context, and the unused rest of
/// it counts as allocated.</remarks>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    private const uint SenderVideo = 0x1111, SenderAudio = 0x2222;
    private const int Viewers = 3;
    private const int WarmUp = 5_000;
    private static readonly TimeSpan PerPacket = TimeSpan.FromMilliseconds(0.5);

    private readonly byte[] _plain = new byte[1500];
    private readonly RtcpBuffer _rtcp = new();
    private ulong _videoIndex = 1000, _audioIndex = 2000;
    private readonly SequenceNumber[,] _newest = new SequenceNumber[1 + Viewers, 4];
    private readonly byte[] _lost = new byte[1500];
    private readonly SequenceNumber[] _more = new SequenceNumber[64];
    private int _lostLength, _askedForMore;
    private ulong _rtxIndex = 3000;
    private ushort _picture, _transportCc;
    private long _packets;

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm)]
    [InlineData(SrtpProfile.Aes128CmHmacSha1Tag80)]
    public void OnDatagram_HundredThousandPackets_AllocatesNothing(SrtpProfile profile)
    {
        using VirtualCall call = Open(profile);
        Forward(call, WarmUp);
        long sentBefore = call.Sink.Datagrams, receivedBefore = Received(call);
        long allocated = Forward(call, 100_000);

        Assert.Equal(0, allocated);
        Assert.Equal(100_000, Received(call) - receivedBefore);
        Assert.True(call.Sink.Datagrams - sentBefore >= 100_000 * Viewers);
    }

    [Fact]
    public void OnDatagram_LossNackRtxAndReports_AllocateNothing()
    {
        using VirtualCall call = Open(SrtpProfile.AeadAes128Gcm);
        SteadyState(call, WarmUp);
        long nacksBefore = call.Core.Counters.NacksSent, resentBefore = call.Core.Counters.Retransmissions;
        long allocated = SteadyState(call, 50_000);

        Assert.Equal(0, allocated);
        Assert.True(call.Core.Counters.NacksSent - nacksBefore >= 400, $"{call.Core.Counters.NacksSent} NACKs");
        Assert.True(call.Core.Counters.Retransmissions - resentBefore >= 400, $"{call.Core.Counters.Retransmissions} retransmissions");
        Assert.True(call.Core.Counters.KeyFrameRequestsSent > 0);
    }

    [Fact]
    public void OnDatagram_NacksOfMoreThanMayLeaveAtOnce_AllocateNothing()
    {
        using VirtualCall call = Open(SrtpProfile.AeadAes128Gcm);
        foreach (RoutedTransport transport in call.Core.Rooms.Find(new RoomId(1))!.Router.Transports) transport.PacingRate = Bitrate.FromKilobits(15_000);
        _askedForMore = 20;
        SteadyState(call, WarmUp);
        RouterCounters counters = call.Core.Counters;
        long pacedBefore = counters.RepairsPaced;
        long allocated = SteadyState(call, 50_000);

        Assert.Equal(0, allocated);
        Assert.True(counters.RepairsPaced - pacedBefore >= 1000, $"{counters.RepairsPaced} paced, {counters.Retransmissions} sent again");
    }

    private VirtualCall Open(SrtpProfile profile)
    {
        var call = new VirtualCall(1 + Viewers, profile);
        var lease = new RecorderLease();
        lease.Renew(MediaTime.Never);                      // a recorded call costs no more
        call.Execute(new AddProducer(call.Clients[0].Id, new ProducerId(1), TestRoom.Video("v"), lease, new CountingTap()));
        call.Execute(new AddProducer(call.Clients[0].Id, new ProducerId(2), TestRoom.Audio("a")));
        for (int i = 1; i <= Viewers; i++)
        {
            TransportId viewer = call.Clients[i].Id;
            call.Execute(new AddConsumer(viewer, new ConsumerId(10 + i), new ProducerId(1), TestRoom.VideoConsumer(0x9001, 0x9002)));
            CodecFeedback feedback = i == 1 ? CodecFeedback.Nack : CodecFeedback.TransportCc;   // one viewer without RTX
            call.Execute(new AddConsumer(viewer, new ConsumerId(20 + i), new ProducerId(2), TestRoom.AudioConsumer(0x9003, feedback)));
        }

        call.Sink.Receiver = OnSent;
        return call;
    }

    /// <returns>Bytes allocated between receiving and the end of the turn.</returns>
    private long Forward(VirtualCall call, int count)
    {
        long allocated = 0;
        for (int i = 0; i < count; i++)
        {
            call.Now += PerPacket;
            long before = GC.GetAllocatedBytesForCurrentThread();
            SendMedia(call, isLost: false);
            if (i % 4 == 3) call.Core.EndTurn(call.Now);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            if (i % 1000 == 0) KeepAlive(call);
            call.Core.OnDeadline(call.Now);
        }

        call.Core.EndTurn(call.Now);
        return allocated;
    }

    /// <summary>Every 100th packet is lost on the way in, and each viewer asks for every 100th; reports and feedback run.</summary>
    private long SteadyState(VirtualCall call, int count)
    {
        long allocated = 0;
        for (int i = 0; i < count; i++)
        {
            call.Now += PerPacket;
            long before = GC.GetAllocatedBytesForCurrentThread();
            SendMedia(call, isLost: _packets % 100 == 51);
            if (i % 100 == 90) SendRepair(call);
            if (i % 100 == 99) SendFeedback(call);
            if (i % 4 == 3) call.Core.EndTurn(call.Now);
            long events = call.EventCount;
            long beforeDeadline = GC.GetAllocatedBytesForCurrentThread();
            call.Core.OnDeadline(call.Now);
            long after = GC.GetAllocatedBytesForCurrentThread();
            // The summary of each second is an object for the control plane; everything else is not to allocate.
            allocated += beforeDeadline - before + (call.EventCount == events ? after - beforeDeadline : 0);
        }

        call.Core.EndTurn(call.Now);
        return allocated;
    }

    private void SendMedia(VirtualCall call, bool isLost)
    {
        bool isAudio = _packets++ % 5 == 0;
        ulong index = isAudio ? ++_audioIndex : ++_videoIndex;
        bool isFirstOfFrame = !isAudio && index % 3 == 1;
        if (isFirstOfFrame) _picture = (ushort)((_picture + 1) & 0x7FFF);
        var writer = new RtpHeaderWriter(
            _plain, !isAudio && index % 3 == 0, isAudio ? TestRoom.OpusType : TestRoom.Vp8Type, new SequenceNumber((ushort)index),
            new RtpTimestamp((uint)(isAudio ? index * 960 : index / 3 * 3000)), new Ssrc(isAudio ? SenderAudio : SenderVideo));
        writer.AddExtension(4, isAudio ? "a"u8 : "v"u8);
        _transportCc++;
        writer.AddExtension(3, [(byte)(_transportCc >> 8), (byte)_transportCc]);
        if (isAudio) writer.AddExtension(1, [(byte)(20 + index % 50)]);
        int at = writer.Finish();
        int length = isAudio ? 80 : 900 + (int)(index % 100);
        Span<byte> payload = _plain.AsSpan(at, length);
        payload[0] = 0x78;
        if (!isAudio) WriteVp8(payload, isFirstOfFrame, index);
        if (isLost)
        {
            _plain.AsSpan(0, _lostLength = at + length).CopyTo(_lost);
            return;
        }

        call.Clients[0].SendRtp(call.Now, _plain.AsSpan(0, at + length), index);
    }

    /// <summary>What was lost last comes by RTX.</summary>
    private void SendRepair(VirtualCall call)
    {
        if (_lostLength == 0) return;
        if (RtpHeader.Parse(_lost, out RtpHeader header) != DropReason.None) throw new InvalidOperationException("not RTP");
        ulong index = ++_rtxIndex;
        var writer = new RtpHeaderWriter(
            _plain, header.Marker, TestRoom.Vp8RtxType, new SequenceNumber((ushort)index), header.Timestamp, new Ssrc(SenderVideo + 1));
        writer.AddExtension(4, "v"u8);
        int at = writer.Finish();
        BinaryPrimitives.WriteUInt16BigEndian(_plain.AsSpan(at), header.SequenceNumber.Value);
        _lost.AsSpan(header.PayloadAt, _lostLength - header.PayloadAt).CopyTo(_plain.AsSpan(at + 2));
        call.Clients[0].SendRtp(call.Now, _plain.AsSpan(0, at + 2 + _lostLength - header.PayloadAt), index);
        _lostLength = 0;
    }

    private void WriteVp8(Span<byte> payload, bool isStart, ulong index)
    {
        bool isKey = index / 3 % 300 == 0 || _videoIndex < 1010;
        payload[0] = (byte)(0x80 | (isStart ? 0x10 : 0));
        payload[1] = 0xE0;
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], (ushort)(0x8000 | _picture));
        payload[4] = (byte)_picture;
        payload[5] = 0;
        payload[6] = (byte)(isKey ? 0x10 : 0x11);
        if (!isKey || !isStart) return;
        payload[9] = 0x9D;
        payload[10] = 0x01;
        payload[11] = 0x2A;
    }

    private void SendFeedback(VirtualCall call)
    {
        for (int i = 1; i <= Viewers; i++)
        {
            RtcpWriter writer = _rtcp.Begin();
            writer.WriteReceiverReport(new Ssrc(1), [new ReportBlock(new Ssrc(0x9001), 3, 1, 1, 1, 0x1234, 10)]);
            writer.WriteNack(new Ssrc(1), new Ssrc(0x9001), [_newest[i, 1].Add(-7), _newest[i, 1].Add(-3)], out _);
            if (_askedForMore > 0)
            {
                for (int n = 0; n < _askedForMore; n++) _more[n] = _newest[i, 1].Add(n - 10 - _askedForMore);
                writer.WriteNack(new Ssrc(1), new Ssrc(0x9001), _more.AsSpan(0, _askedForMore), out _);
            }

            writer.WriteNack(new Ssrc(1), new Ssrc(0x9003), [_newest[i, 3].Add(-2)], out _);
            if (i == 1) writer.WritePictureLoss(new Ssrc(1), new Ssrc(0x9001));
            call.Clients[i].SendRtcp(call.Now, writer.Written);
        }

        RtcpWriter sender = _rtcp.Begin();
        sender.WriteSenderReport(
            new Ssrc(SenderVideo), Media.Time.NtpTime.FromUnixNanoseconds(TestRoom.AnchorUnixNanoseconds + call.Now.Nanoseconds),
            new RtpTimestamp((uint)(_videoIndex / 3 * 3000)), 1, 1, default);
        call.Clients[0].SendRtcp(call.Now, sender.Written);
    }

    /// <summary>Notes the newest number that went to each viewer.</summary>
    private void OnSent(in TransportAddress to, Span<byte> datagram)
    {
        if (RtpHeader.Parse(datagram, out RtpHeader header) != DropReason.None || header.Ssrc.Value is not (0x9001 or 0x9003)) return;
        ref SequenceNumber newest = ref _newest[to.Port - 1001, header.Ssrc.Value & 3];
        if (header.SequenceNumber.IsNewerThan(newest)) newest = header.SequenceNumber;
    }

    private void KeepAlive(VirtualCall call)
    {
        for (int i = 1; i <= Viewers; i++)
        {
            RtcpWriter writer = _rtcp.Begin();
            writer.WriteReceiverReport(new Ssrc(1), default);
            call.Clients[i].SendRtcp(call.Now, writer.Written);
        }
    }

    private static long Received(VirtualCall call) => call.Core.Counters.PacketsReceived[0] + call.Core.Counters.PacketsReceived[1];

    private sealed class RtcpBuffer
    {
        private readonly byte[] _bytes = new byte[1200];

        public RtcpWriter Begin() => new(_bytes);
    }

    private sealed class CountingTap : IPacketTap
    {
        private long _bytes;

        public bool OnRtp(MediaTime receivedAt, ReadOnlySpan<byte> packet, bool isRepaired) => (_bytes += packet.Length) > 0;

        public void OnMuteChanged(MediaTime at, bool isMuted)
        {
        }

        public void OnSenderReport(MediaTime receivedAt, Ssrc ssrc, ReadOnlySpan<byte> packet) => _bytes += packet.Length;

        public void OnReceipt(MediaTime at, Ssrc ssrc, long packets) => _bytes += packets;
    }
}
