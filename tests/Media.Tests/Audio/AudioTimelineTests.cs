using System.Buffers.Binary;
using CsCheck;
using Sfu.Media.Audio;
using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Tests.Codecs;
using Sfu.Media.Tests.Video;
using Sfu.Media.Time;

namespace Sfu.Media.Tests.Audio;

[Collection("alone")]
public sealed class AudioTimelineTests
{
    private const byte Media = 111;
    private const byte Red = 63;
    private const byte Noise = 13;
    private const byte Events = 126;
    private const int Frame = 960;                     // 20 ms at 48 kHz

    private static readonly AudioTimelineOptions Opus = new()
    {
        Codec = MediaCodec.Opus,
        PayloadType = Media,
        ClockRate = 48_000,
        RedPayloadType = Red,
        TelephoneEventPayloadType = Events,
    };

    private static readonly AudioTimelineOptions G711 = Opus with
    {
        Codec = MediaCodec.Pcmu,
        PayloadType = 0,
        ClockRate = 8000,
        ComfortNoisePayloadType = Noise,
    };

    private sealed record Span(AudioSpanInfo Info, byte[] Payload)
    {
        public (AudioSpanKind, long, long) Place => (Info.Kind, Info.Start, Info.Length);
    }

    private sealed record Packet(long Sequence, long Timestamp, byte PayloadType, byte[] Payload, long Milliseconds);

    [Fact]
    public void TryTake_EveryPacketThere_GivesMediaOnly()
    {
        List<Span> spans = Run(Opus, Enumerable.Range(0, 5).Select(i => Voice(i, i * Frame)));

        Assert.Equal(Enumerable.Range(0, 5).Select(i => (AudioSpanKind.Media, (long)i * Frame, (long)Frame)), spans.Select(span => span.Place));
        Assert.Equal(Voice(3, 0).Payload, spans[3].Payload);
    }

    [Fact]
    public void TryTake_TimestampJumpsWithoutLoss_IsSilence()
    {
        List<Span> spans = Run(Opus, [Voice(0, 0), Voice(1, Frame + 30_000)]);

        Assert.Equal([(AudioSpanKind.Media, 0, Frame), (AudioSpanKind.Silence, Frame, 30_000), (AudioSpanKind.Media, 30_960, Frame)], spans.Select(span => span.Place));
    }

    [Fact]
    public void TryTake_SequenceHole_IsLossOfExactLength()
    {
        List<Span> spans = Run(Opus, [Voice(0, 0), Voice(3, 3 * Frame)]);

        Assert.Equal([(AudioSpanKind.Media, 0, Frame), (AudioSpanKind.Loss, Frame, 2 * Frame), (AudioSpanKind.Media, 3 * Frame, Frame)], spans.Select(span => span.Place));
        Assert.Equal(2, spans[1].Info.LostPackets);
        Assert.Equal(0, spans[1].Info.FecLength);      // CELT has none
    }

    [Fact]
    public void TryTake_LossBeforeSilence_IsToldApart()
    {
        List<Span> spans = Run(Opus, [Voice(0, 0), Voice(2, 10 * Frame)]);
        List<Span> inDtx = Run(Opus, [Voice(0, 0) with { Payload = [0xF8] }, Voice(2, 10 * Frame)]);

        Assert.Equal([(AudioSpanKind.Loss, Frame, Frame), (AudioSpanKind.Silence, 2 * Frame, 8 * Frame)], spans.Skip(1).Take(2).Select(span => span.Place));
        Assert.Equal([(AudioSpanKind.Silence, Frame, 8 * Frame), (AudioSpanKind.Loss, 9 * Frame, Frame)], inDtx.Skip(1).Take(2).Select(span => span.Place));
        Assert.True(inDtx[0].Info.IsDtx);
    }

    // SILK, 20 ms, mono: the first bits are the voice flag and the LBRR flag.
    [Theory]
    [InlineData(0x48, 0x40, 960)]
    [InlineData(0x48, 0x80, 0)]
    [InlineData(0x58, 0x20, 0)]                        // 60 ms: three voice flags come first
    [InlineData(0x58, 0x10, 2880)]
    [InlineData(0x4C, 0x10, 960)]                      // stereo: the flags of the second channel
    [InlineData(0xF8, 0x40, 0)]                        // CELT
    public void TryTake_LossBeforePacketWithFec_SaysHowMuchItRepairs(byte toc, byte first, int expected)
    {
        byte[] payload = [toc, first, 1, 2, 3];
        List<Span> spans = Run(Opus, [Voice(0, 0), Voice(2, 10 * Frame) with { Payload = payload }]);

        Span loss = Assert.Single(spans, span => span.Info.Kind == AudioSpanKind.Loss);
        Assert.Equal(Math.Min(expected, Frame), loss.Info.FecLength);
        Assert.Equal(expected > 0 ? payload : [], loss.Payload);
    }

    [Fact]
    public void TryTake_RedAfterLoss_BringsTheLostBack()
    {
        byte[] red = [0x80 | Media, (2 * Frame) >> 6, (2 * Frame & 0x3F) << 2, 4, 0x80 | Media, Frame >> 6, (Frame & 0x3F) << 2, 4, Media, 0xF8, 1, 1, 1, 0xF8, 2, 2, 2, 0xF8, 3, 3, 3];
        List<Span> spans = Run(Opus, [Voice(0, 0), new Packet(4, 4 * Frame, Red, red, 80)]);

        Assert.Equal(
            [
                (AudioSpanKind.Media, 0, Frame), (AudioSpanKind.Loss, Frame, Frame), (AudioSpanKind.Media, 2 * Frame, Frame),
                (AudioSpanKind.Media, 3 * Frame, Frame), (AudioSpanKind.Media, 4 * Frame, Frame),
            ],
            spans.Select(span => span.Place));
        Assert.Equal([false, false, true, true, false], spans.Select(span => span.Info.IsFromRedundancy));
        Assert.Equal([[0xF8, 1, 1, 1], [0xF8, 2, 2, 2], [0xF8, 3, 3, 3]], spans.Skip(2).Select(span => span.Payload));
    }

    [Fact]
    public void TryTake_RedWithoutLoss_GivesThePrimaryOnly()
    {
        byte[] red = [0x80 | Media, Frame >> 6, (Frame & 0x3F) << 2, 4, Media, 0xF8, 2, 2, 2, 0xF8, 3, 3, 3];
        List<Span> spans = Run(Opus, [Voice(0, 0), new Packet(1, Frame, Red, red, 20)]);

        Assert.Equal([(AudioSpanKind.Media, 0, Frame), (AudioSpanKind.Media, Frame, Frame)], spans.Select(span => span.Place));
        Assert.Equal([0xF8, 3, 3, 3], spans[1].Payload);
    }

    // G.722 has two samples of 16 kHz in a byte and in a tick of its 8 kHz clock: 160 bytes are 20 ms, as with G.711.
    [Theory]
    [InlineData(MediaCodec.G722)]
    [InlineData(MediaCodec.Pcma)]
    public void TryTake_EightKilohertzClock_IsScaledTo48(MediaCodec codec)
    {
        AudioTimelineOptions options = G711 with { Codec = codec };
        List<Span> spans = Run(options, [new Packet(0, 800, 0, new byte[160], 0), new Packet(1, 960, 0, new byte[160], 20), new Packet(3, 1280, 0, new byte[80], 60)]);

        Assert.Equal(
            [(AudioSpanKind.Media, 4800, 960), (AudioSpanKind.Media, 5760, 960), (AudioSpanKind.Loss, 6720, 960), (AudioSpanKind.Media, 7680, 480)],
            spans.Select(span => span.Place));
    }

    [Fact]
    public void TryTake_ComfortNoise_FillsUntilTheNextPacket()
    {
        List<Span> spans = Run(G711,
        [
            new Packet(0, 0, 0, new byte[160], 0), new Packet(1, 160, Noise, [60, 1], 20), new Packet(2, 800, Noise, [61, 2], 100),
            new Packet(3, 1600, 0, new byte[160], 200),
        ]);

        Assert.Equal(
            [(AudioSpanKind.Media, 0, 960), (AudioSpanKind.ComfortNoise, 960, 3840), (AudioSpanKind.ComfortNoise, 4800, 4800), (AudioSpanKind.Media, 9600, 960)],
            spans.Select(span => span.Place));
        Assert.Equal([[60, 1], [61, 2]], spans.Skip(1).Take(2).Select(span => span.Payload));
    }

    [Fact]
    public void TryTake_TelephoneEvent_IsNoPartOfTheSound()
    {
        List<Span> spans = Run(Opus, [Voice(0, 0), new Packet(1, Frame, Events, [5, 0x0A, 0x07, 0x80], 20), Voice(2, 5 * Frame)]);

        Assert.Equal(
            [(AudioSpanKind.Media, 0, Frame), (AudioSpanKind.TelephoneEvent, Frame, 1920), (AudioSpanKind.Silence, Frame, 4 * Frame), (AudioSpanKind.Media, 5 * Frame, Frame)],
            spans.Select(span => span.Place));
        Assert.Equal([5, 0x0A, 0x07, 0x80], spans[1].Payload);
    }

    [Fact]
    public void TryTake_TenMinutesOfMute_IsSilenceOfThatLength()
    {
        List<Span> spans = Run(Opus, [Voice(0, 0), Voice(1, 28_800_000) with { Milliseconds = 600_000 }]);

        Assert.Equal((AudioSpanKind.Silence, Frame, 28_800_000 - Frame), spans[1].Place);
        Assert.False(spans[2].Info.IsDiscontinuity);
    }

    [Theory]
    [InlineData(100_000_000)]                          // ahead by half an hour
    [InlineData(-100_000_000)]
    [InlineData(-48_000)]
    public void TryTake_TimestampsJump_GoesOnByTheReceiveTimes(long jump)
    {
        var timeline = new AudioTimeline(Opus);
        List<Span> spans = Run(timeline, [Voice(0, 200_000_000), Voice(1, 200_000_000 + jump) with { Milliseconds = 40 }, Voice(2, 200_000_000 + jump + Frame) with { Milliseconds = 60 }]);

        Assert.Equal(
            [
                (AudioSpanKind.Media, 200_000_000, Frame), (AudioSpanKind.Silence, 200_000_960, Frame),
                (AudioSpanKind.Media, 200_001_920, Frame), (AudioSpanKind.Media, 200_002_880, Frame),
            ],
            spans.Select(span => span.Place));
        Assert.Equal([false, true, true, false], spans.Select(span => span.Info.IsDiscontinuity));
        Assert.Equal(1, timeline.Statistics.Discontinuities);
    }

    [Fact]
    public void TryTake_PacketOverlapsTheOneBefore_IsCutAtItsBeginning()
    {
        List<Span> spans = Run(Opus, [Voice(0, 0), Voice(1, Frame - 240), Voice(2, Frame - 300) with { Payload = [0xE0, 1, 2] }]);

        Assert.Equal([(AudioSpanKind.Media, 0, Frame), (AudioSpanKind.Media, Frame, Frame - 240)], spans.Select(span => span.Place));
        Assert.Equal(240, spans[1].Info.Skip);
    }

    [Fact]
    public void TryTake_PayloadNoDecoderTakes_IsLoss()
    {
        var timeline = new AudioTimeline(Opus);
        List<Span> spans = Run(timeline, [Voice(0, 0), Voice(1, Frame) with { Payload = [0xFB, 0x80 | 50] }, Voice(2, 2 * Frame), Voice(3, 3 * Frame) with { PayloadType = 99 }, Voice(4, 4 * Frame)]);

        Assert.Equal([AudioSpanKind.Media, AudioSpanKind.Loss, AudioSpanKind.Media, AudioSpanKind.Loss, AudioSpanKind.Media], spans.Select(span => span.Info.Kind));
        Assert.Equal(2, timeline.Statistics.Malformed);
    }

    // Sequence numbers and time stamps wrap; packets come in any order within 100 packets, some never; the sender pauses now and then.
    [Fact]
    public void TryTake_AnyOrderLossAndPauses_GivesALineWithoutGap()
    {
        const int Count = 150;
        Gen.Select(Gen.Int[0, 100].Array[Count], Gen.Int[0, 99].Array[Count], Gen.Int[0, 40].Array[Count]).Sample((delays, dice, pauses) =>
        {
            var sent = new List<Packet>();
            long timestamp = uint.MaxValue - 40_000;
            for (int i = 0; i < Count; i++)
            {
                timestamp += pauses[i] > 37 ? pauses[i] * Frame : 0;
                sent.Add(Voice(65_500 + i, timestamp) with { Milliseconds = i * 20 });
                timestamp += Frame;
            }
            List<Packet> arriving = [.. sent.Select((packet, i) => (packet, i)).Where(pair => dice[pair.i] >= 10).OrderBy(pair => pair.i + delays[pair.i]).Select(pair => pair.packet)];
            if (arriving.Count == 0) return;

            List<Span> spans = Run(Opus with { MaxDrift = TimeSpan.FromHours(1) }, arriving);

            List<Packet> kept = [.. sent.Where((_, i) => dice[i] >= 10)];
            var expected = new List<(AudioSpanKind, long, long)>();
            long origin = spans[0].Info.Start, position = origin;
            for (int i = 0; i < kept.Count; i++)
            {
                long start = kept[i].Timestamp - kept[0].Timestamp + origin, gap = start - position;
                long loss = i == 0 ? 0 : Math.Min(gap, (kept[i].Sequence - kept[i - 1].Sequence - 1) * Frame);
                if (loss > 0) expected.Add((AudioSpanKind.Loss, position, loss));
                if (gap > loss) expected.Add((AudioSpanKind.Silence, position + loss, gap - loss));
                expected.Add((AudioSpanKind.Media, start, Frame));
                position = start + Frame;
            }
            Assert.Equal(expected, spans.Select(span => span.Place));
            Assert.Equal(kept.Select(packet => packet.Payload), spans.Where(span => span.Info.Kind == AudioSpanKind.Media).Select(span => span.Payload));
        }, iter: 300);
    }

    [Fact]
    public void TryTake_RecordedBrowserAudio_HasNoGap()
    {
        foreach (IGrouping<(string, Ssrc), RecordedRtp> stream in RecordedRtp.All.Where(packet => packet.Codec == MediaCodec.Opus).GroupBy(packet => (packet.Case, packet.Header.Ssrc)))
        {
            var timeline = new AudioTimeline(Opus with { PayloadType = stream.First().Header.PayloadType });
            var spans = new List<Span>();
            foreach (RecordedRtp packet in stream)
            {
                Assert.Equal(ReorderResult.Stored, timeline.Add(packet.Header.SequenceNumber.Value, packet.Header, packet.Bytes, MediaTime.FromMilliseconds(packet.Milliseconds)));
                Take(timeline, spans);
            }

            timeline.Flush();
            Take(timeline, spans);
            Assert.Equal(stream.Select(packet => packet.Payload), spans.Select(span => span.Payload));
        }
    }

    [Fact]
    public void TryTake_SteadyStream_AllocatesNothing()
    {
        var timeline = new AudioTimeline(Opus with { Hold = TimeSpan.Zero });
        byte[] bytes = VideoPacket.Of(0, 0, 0, false, [0xF8, 1, 2, 3]).Bytes;
        bytes[1] = Media;
        long taken = 0;

        long allocated = Allocations.Of(5000, i =>
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)i);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), (uint)(i * Frame));
            RtpHeader.Parse(bytes, out RtpHeader header);
            if (i % 50 != 7) timeline.Add(i, header, bytes, MediaTime.FromMilliseconds(i * 20));
            while (timeline.TryTake(out AudioSpan span)) taken += span.Payload.Length;
        });

        Assert.Equal(0, allocated);
        Assert.True(taken > 20_000);
    }

    private static Packet Voice(long sequence, long timestamp) =>
        new(sequence, timestamp, Media, [0xF8, (byte)sequence, (byte)(sequence >> 8), 7], sequence * 20);

    private static List<Span> Run(AudioTimelineOptions options, IEnumerable<Packet> packets) => Run(new AudioTimeline(options), packets);

    private static List<Span> Run(AudioTimeline timeline, IEnumerable<Packet> packets)
    {
        var spans = new List<Span>();
        foreach (Packet packet in packets)
        {
            byte[] bytes = VideoPacket.Of(packet.Sequence, 0, (uint)packet.Timestamp, false, packet.Payload).Bytes;
            bytes[1] = packet.PayloadType;
            RtpHeader.Parse(bytes, out RtpHeader header);
            Assert.Equal(ReorderResult.Stored, timeline.Add(packet.Sequence, header, bytes, MediaTime.FromMilliseconds(packet.Milliseconds)));
            Take(timeline, spans);
        }

        timeline.Flush();
        Take(timeline, spans);
        long position = spans.Count > 0 ? spans[0].Info.Start : 0;
        foreach (Span span in spans.Where(span => span.Info.Kind != AudioSpanKind.TelephoneEvent))
        {
            Assert.Equal(position, span.Info.Start);
            position = span.Info.End;
        }
        Assert.Equal(position, timeline.Position);
        return spans;
    }

    private static void Take(AudioTimeline timeline, List<Span> spans)
    {
        while (timeline.TryTake(out AudioSpan span)) spans.Add(new Span(span.Info, span.Payload.ToArray()));
    }
}
