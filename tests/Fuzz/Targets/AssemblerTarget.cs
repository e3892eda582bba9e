using System.Buffers.Binary;
using Sfu.Media;
using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Tests.Video;
using Sfu.Media.Time;
using Sfu.Media.Video;

namespace Sfu.Fuzz.Targets;

/// <summary>A video stream of one codec: packets with a step of the sequence number, flags (marker, time stamp, dependency descriptor) and a
/// payload each. Whatever comes: memory stays bounded, and what is given out holds together.</summary>
internal sealed class AssemblerTarget(MediaCodec codec) : FuzzTarget
{
    private const int MaxFrameBytes = 64 * 1024;
    private const byte DescriptorId = 12;
    private readonly FrameAssemblerOptions _options = new()
    {
        MaxPackets = 32,
        MaxReorder = 16,
        Hold = TimeSpan.FromSeconds(1),
        MaxFrameBytes = MaxFrameBytes,
        MaxUnits = 64,
        Framing = NalFraming.LengthPrefixed,
        Extensions = new HeaderExtensionMap(
        [
            new(DescriptorId, HeaderExtensionKind.DependencyDescriptor), new(13, HeaderExtensionKind.VideoOrientation),
        ]),
    };

    private readonly byte[] _packet = new byte[2048];

    public override string Name => "assembler-" + codec.ToString().ToLowerInvariant();

    public override string SeedKind => Name;

    public override int MaxLength => 16 * 1024;

    // A new assembler each time: its queue, one or two blocks of packets, its tables, and a frame that grows to the limit.
    public override long AllocationLimit(int length) => 640 * 1024;

    public override IEnumerable<byte[]> Seeds()
    {
        VideoRecording recording = VideoRecording.Of(codec);
        for (int from = 0; from + 24 < recording.Packets.Count; from += 12) yield return Joined(recording.Packets.Skip(from).Take(24));
        yield return Joined(LayeredStreams.Of(codec).Take(24));
    }

    public override long Run(ReadOnlySpan<byte> input)
    {
        var assembler = new FrameAssembler(codec, _options);
        long sequence = 1000, lastSequence = long.MinValue, milliseconds = 0, behaviour = 0;
        uint timestamp = 1;
        while (TryRead(ref input, ref sequence, ref timestamp, out int length, out RtpHeader header))
        {
            ReorderResult result = assembler.Add(sequence, header, _packet.AsSpan(0, length), MediaTime.FromMilliseconds(milliseconds += 5));
            Oracle.That(result != ReorderResult.Full, "packets pile up although frames are taken");
            behaviour = behaviour * 31 % 65_521 + TakeAll(assembler, ref lastSequence);
        }
        assembler.Flush();
        behaviour += TakeAll(assembler, ref lastSequence);
        Oracle.That(assembler.WaitingPackets == 0, "packets wait although the stream has ended");
        FrameAssemblerStatistics seen = assembler.Statistics;
        return behaviour * 64 + Math.Min(seen.IncompleteFrames, 3) + 4 * Math.Min(seen.Malformed, 3) + 16 * Math.Min(seen.OversizedFrames, 1) + (assembler.KeyFrameNeeded ? 32 : 0);
    }

    private static long TakeAll(FrameAssembler assembler, ref long lastSequence)
    {
        long behaviour = 0;
        while (assembler.TryTake(out VideoFrame frame))
        {
            VideoFrameInfo info = frame.Info;
            Oracle.That(frame.Data.Length is > 0 and <= MaxFrameBytes && frame.Units.Length is > 0 and <= 64, "a frame is empty or too large");
            Oracle.That(info.FirstSequence > lastSequence && info.LastSequence >= info.FirstSequence, "frames are not in order");
            Oracle.That(info.Width is >= 0 and <= 65_536 && info.Height is >= 0 and <= 65_536, "a size is out of its range");
            Oracle.That(info.LayerFrames >= 1 && info.SpatialLayer is >= 0 and <= 7 && info.TemporalLayer is >= 0 and <= 7, "a layer is out of its range");
            Oracle.That(!info.IsRecovering || info.IsDecodable, "a frame that cannot be decoded recovers");
            int end = 0;
            for (int i = 0; i < frame.Units.Length; i++)
            {
                Oracle.That(frame.Units[i].Offset >= end && frame.UnitAt(i).Length > 0, "units overlap or are empty");
                end = frame.Units[i].Offset + frame.Units[i].Length;
            }
            Oracle.That(end <= frame.Data.Length, "a unit goes beyond the frame");
            lastSequence = info.LastSequence;
            behaviour = behaviour * 7 % 4093 + (info.IsKeyFrame ? 1 : 0) + (info.IsDecodable ? 2 : 0) + (info.IsMissingLayers ? 4 : 0) + 8 * Math.Min(info.LayerFrames, 4) + 64 * Math.Min(frame.Units.Length, 4);
        }
        return behaviour;
    }

    // Step, flags, length of a descriptor, length of the payload; then both.
    private bool TryRead(ref ReadOnlySpan<byte> input, ref long sequence, ref uint timestamp, out int length, out RtpHeader header)
    {
        length = 0;
        header = default;
        if (input.Length < 5) return false;
        sequence += (sbyte)input[0];
        if ((input[1] & 1) != 0) timestamp += 3000;
        int descriptorLength = input[2], payloadLength = Math.Min((int)BinaryPrimitives.ReadUInt16BigEndian(input[3..]), 1400), at = 12;
        bool isMarker = (input[1] & 2) != 0;
        input = input[5..];
        descriptorLength = Math.Min(descriptorLength, input.Length);
        _packet.AsSpan(0, 20).Clear();
        _packet[0] = (byte)(descriptorLength > 0 ? 0x90 : 0x80);
        _packet[1] = (byte)(96 | (isMarker ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), (ushort)sequence);
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(4), timestamp);
        if (descriptorLength > 0)
        {
            int words = (descriptorLength + 5) / 4;
            BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(12), 0x1000_0000 | (uint)words);
            _packet.AsSpan(16, 4 * words).Clear();
            (_packet[16], _packet[17]) = (DescriptorId, (byte)descriptorLength);
            input[..descriptorLength].CopyTo(_packet.AsSpan(18));
            at = 16 + 4 * words;
        }
        input = input[descriptorLength..];
        payloadLength = Math.Min(payloadLength, Math.Min(input.Length, 1500 - at));
        input[..payloadLength].CopyTo(_packet.AsSpan(at));
        input = input[payloadLength..];
        length = at + payloadLength;
        return RtpHeader.Parse(_packet.AsSpan(0, length), out header) == DropReason.None;
    }

    private static byte[] Joined(IEnumerable<VideoPacket> packets)
    {
        var all = new List<byte>();
        uint? timestamp = null;
        foreach (VideoPacket packet in packets)
        {
            ReadOnlySpan<byte> bytes = packet.Bytes, descriptor = default, payload = bytes[packet.Header.PayloadAt..];
            var reader = new HeaderExtensionReader(bytes, packet.Header);
            while (reader.MoveNext(out byte id, out ReadOnlySpan<byte> value))
                if (id == DescriptorId) descriptor = value;
            int flags = (timestamp is { } last && last != packet.Header.Timestamp.Value ? 1 : 0) | (packet.Header.Marker ? 2 : 0);
            timestamp = packet.Header.Timestamp.Value;
            all.AddRange([1, (byte)flags, (byte)descriptor.Length, (byte)(payload.Length >> 8), (byte)payload.Length, .. descriptor, .. payload]);
        }
        return [.. all];
    }
}
