using System.Buffers.Binary;
using Sfu.Media;
using Sfu.Media.Audio;
using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Fuzz.Targets;

/// <summary>An audio stream: packets with steps of sequence number, time stamp and time, a payload type and a payload each. Whatever comes, the
/// line has no gap and no overlap.</summary>
internal sealed class AudioTimelineTarget : FuzzTarget
{
    private static readonly byte[] Types = [111, 63, 13, 126, 99];
    private static readonly AudioTimelineOptions Opus = new()
    {
        Codec = MediaCodec.Opus,
        PayloadType = Types[0],
        ClockRate = 48_000,
        RedPayloadType = Types[1],
        ComfortNoisePayloadType = Types[2],
        TelephoneEventPayloadType = Types[3],
        MaxPackets = 32,
        MaxReorder = 16,
        Hold = TimeSpan.FromSeconds(1),
    };

    private readonly byte[] _packet = new byte[2048];

    public override string Name => "audio-timeline";

    public override string SeedKind => Name;

    public override int MaxLength => 4096;

    // A new timeline each time: its queue, one or two blocks of packets and its spans.
    public override long AllocationLimit(int length) => 160 * 1024;

    public override IEnumerable<byte[]> Seeds() =>
    [
        [0, 1, 20, 20, 0, 4, 0xF8, 1, 2, 3, 1, 20, 20, 0, 1, 0xF8, 3, 200, 200, 0, 5, 0x48, 0x40, 1, 2, 3],
        [0, 1, 20, 20, 0, 2, 0xF8, 1, 4, 80, 80, 1, 17, 0xEF, 0x1E, 0, 3, 0xEF, 0x0F, 0, 3, 0x6F, 0xF8, 1, 1, 0xF8, 2, 2, 0xF8, 3, 3],
        [1, 1, 20, 20, 0, 3, 1, 2, 3, 1, 20, 20, 2, 2, 60, 1, 1, 100, 100, 3, 4, 5, 10, 1, 0, 1, 20, 20, 0, 2, 1, 2],
        [0, 1, 20, 20, 0, 2, 0xF8, 1, 1, 255, 1, 0, 2, 0xF8, 1, 1, 128, 1, 0, 2, 0xF8, 1, 253, 20, 20, 0, 2, 0xF8, 1],
    ];

    public override long Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return 0;
        bool isOpus = (input[0] & 1) == 0;
        int clock = isOpus ? 960 : 160;
        var timeline = new AudioTimeline(isOpus ? Opus : Opus with { Codec = MediaCodec.G722, ClockRate = 8000 });
        input = input[1..];
        long sequence = 1000, milliseconds = 1000, position = long.MinValue, behaviour = 0;
        uint timestamp = 4_294_000_000;
        while (input.Length > 5)
        {
            sequence += (sbyte)input[0];
            // 1 ms steps; the largest ones stand for jumps of any size.
            timestamp += input[1] switch { 255 => 0x4000_0000, 254 => 0x8000_0001, _ => (uint)((sbyte)input[1] * clock / 20) };
            milliseconds += input[2];
            int length = Math.Min(input[4], input.Length - 5);
            WritePacket(Types[input[3] % Types.Length], sequence, timestamp, input.Slice(5, length));
            Oracle.That(RtpHeader.Parse(_packet.AsSpan(0, 12 + length), out RtpHeader header) == DropReason.None, "the packet is none");
            input = input[(5 + length)..];
            Oracle.That(timeline.Add(sequence, header, _packet.AsSpan(0, 12 + length), MediaTime.FromMilliseconds(milliseconds)) != ReorderResult.Full, "packets pile up although spans are taken");
            behaviour = behaviour * 31 % 65_521 + TakeAll(timeline, ref position);
        }
        timeline.Flush();
        behaviour += TakeAll(timeline, ref position);
        AudioTimelineStatistics seen = timeline.Statistics;
        return behaviour * 32 + Math.Min(seen.Discontinuities, 3) + 4 * Math.Min(seen.Malformed, 3) + 16 * Math.Min(seen.Overlapping, 1);
    }

    private void WritePacket(byte payloadType, long sequence, uint timestamp, ReadOnlySpan<byte> payload)
    {
        _packet.AsSpan(0, 12).Clear();
        (_packet[0], _packet[1]) = (0x80, payloadType);
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), (ushort)sequence);
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(4), timestamp);
        payload.CopyTo(_packet.AsSpan(12));
    }

    private static long TakeAll(AudioTimeline timeline, ref long position)
    {
        long behaviour = 0;
        while (timeline.TryTake(out AudioSpan span))
        {
            AudioSpanInfo info = span.Info;
            behaviour = behaviour * 7 % 4093 + (long)info.Kind + (info.IsFromRedundancy ? 8 : 0) + (info.FecLength > 0 ? 16 : 0) + (info.Skip > 0 ? 32 : 0);
            if (info.Kind == AudioSpanKind.TelephoneEvent) continue;
            Oracle.That(info.Length > 0, "a span has no length");
            Oracle.That(position == long.MinValue || info.Start == position, "the line has a gap or an overlap");
            Oracle.That(info.FecLength >= 0 && info.FecLength <= info.Length && (info.FecLength == 0 || span.Payload.Length > 0), "the repair is longer than the loss");
            Oracle.That(info.Skip >= 0 && info.Skip < 12_000, "what is to be left out is more than a packet");
            Oracle.That(info.Kind != AudioSpanKind.Media || span.Payload.Length > 0, "media is empty");
            position = info.End;
        }
        return behaviour;
    }
}
