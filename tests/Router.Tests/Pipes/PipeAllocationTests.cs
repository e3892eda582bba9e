using System.Buffers.Binary;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Router.Pipes;
using Sfu.Router.Tests.Rooms;
using Sfu.Router.Workers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Tests.Pipes;

/// <summary>A packet that goes through a pipe allocates nothing, on neither worker.</summary>
[Collection(nameof(AllocationTests))]
public sealed class PipeAllocationTests
{
    private const uint SenderVideo = 0x1111, SenderAudio = 0x2222;
    private static readonly byte[] Plain = new byte[1500];
    private ulong _videoIndex = 1000, _audioIndex = 2000;

    [Fact]
    public void OnPipes_HundredThousandPackets_AllocatesNothing()
    {
        using var call = new PipedCall(atOrigin: 2, atEdge: 3);
        PipedClient sender = call.Origin.Clients[0];
        PipeChannel video = Connect(call, TestRoom.Video("v")), audio = Connect(call, TestRoom.Audio("a"));
        foreach (PipedClient viewer in call.Edge.Clients)
        {
            call.Subscribe(call.Edge, viewer, video.Edge, TestRoom.VideoConsumer(0x9001, 0x9002));
            call.Subscribe(call.Edge, viewer, audio.Edge, TestRoom.AudioConsumer(0x9003, Media.Codecs.CodecFeedback.Nack));
        }

        (call.Origin.Sink.Receiver, call.Edge.Sink.Receiver) = (null, null);    // the clients would allocate
        Run(call, sender, 5_000);
        long piped = Piped(call), sent = call.Edge.Sink.Datagrams;
        long allocated = Run(call, sender, 100_000);

        Assert.Equal(0, allocated);
        Assert.Equal(100_000, Piped(call) - piped);
        Assert.True(call.Edge.Sink.Datagrams - sent >= 300_000, $"{call.Edge.Sink.Datagrams - sent} datagrams");
        Assert.Equal(0, call.Origin.Core.Counters.PipeLost);
    }

    private static PipeChannel Connect(PipedCall call, ProducerParameters parameters)
    {
        ProducerId producer = call.Publish(call.Origin.Clients[0], parameters);
        return call.Connect(call.Origin.Clients[0], producer, parameters);
    }

    private static long Piped(PipedCall call) => call.Edge.Core.Counters.PipePacketsIn[0] + call.Edge.Core.Counters.PipePacketsIn[1];

    /// <returns>Bytes allocated on both workers.</returns>
    private long Run(PipedCall call, PipedClient sender, int count)
    {
        long allocated = 0;
        for (int i = 0; i < count; i++)
        {
            int length = MakePacket(i % 5 == 0, out ulong index);
            int events = call.Origin.Events.Count + call.Edge.Events.Count;
            long before = GC.GetAllocatedBytesForCurrentThread();
            sender.Virtual.SendRtp(call.Now, Plain.AsSpan(0, length), index);
            if (i % 4 == 3)
            {
                call.Origin.Core.EndTurn(call.Now);
                call.Edge.Core.OnPipes(call.Now);
                call.Edge.Core.EndTurn(call.Now);
            }

            call.Origin.Core.OnDeadline(call.Now);
            call.Edge.Core.OnDeadline(call.Now);
            long after = GC.GetAllocatedBytesForCurrentThread();
            // The summary of each second is an object for the control plane; everything else is not to allocate.
            if (call.Origin.Events.Count + call.Edge.Events.Count == events) allocated += after - before;
            if (i % 2 == 1) call.Pass(1);
            if (i % 1000 == 0) KeepAlive(call, sender);
        }

        call.Settle();
        return allocated;
    }

    private static void KeepAlive(PipedCall call, PipedClient sender)
    {
        foreach (PipedClient viewer in call.Edge.Clients)
            call.SendRtcp(viewer, (ref RtcpWriter writer) => writer.WriteReceiverReport(new Ssrc(1), [new ReportBlock(new Ssrc(0x9001), 0, 0, 1, 1, 0, 0)]));
        call.SendRtcp(sender, (ref RtcpWriter writer) => writer.WriteReceiverReport(new Ssrc(1), default));
    }

    private int MakePacket(bool isAudio, out ulong index)
    {
        index = isAudio ? ++_audioIndex : ++_videoIndex;
        var writer = new RtpHeaderWriter(
            Plain, !isAudio, isAudio ? TestRoom.OpusType : TestRoom.Vp8Type, new SequenceNumber((ushort)index),
            new RtpTimestamp((uint)(index * (isAudio ? 960u : 3000u))), new Ssrc(isAudio ? SenderAudio : SenderVideo));
        writer.AddExtension(4, isAudio ? "a"u8 : "v"u8);
        int at = writer.Finish();
        int length = isAudio ? 80 : 900 + (int)(index % 100);
        Span<byte> payload = Plain.AsSpan(at, length);
        payload[0] = 0x78;
        if (isAudio) return at + length;
        bool isKey = index % 300 == 0 || index < 1010;
        payload[0] = 0x90;
        payload[1] = 0xE0;
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], (ushort)(0x8000 | index & 0x7FFF));
        payload[4] = (byte)index;
        payload[5] = 0;
        payload[6] = (byte)(isKey ? 0x10 : 0x11);
        if (isKey) (payload[9], payload[10], payload[11]) = (0x9D, 0x01, 0x2A);
        return at + length;
    }
}
