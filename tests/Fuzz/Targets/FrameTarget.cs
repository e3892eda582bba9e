using System.Buffers.Binary;
using Sfu.Router.Transport;

namespace Sfu.Fuzz.Targets;

/// <summary>A TCP stream cut into frames: first how many bytes arrive at a time, then the stream. The frames do not depend on it.</summary>
internal sealed class FrameTarget : FuzzTarget
{
    public override string Name => "tcp-frames";

    public override string SeedKind => "tcp-frames";

    public override int MaxLength => 8 * 1024;

    public override IEnumerable<byte[]> Seeds() =>
    [
        [200, .. Targets.Seeds.Joined(Targets.Seeds.Rtp().Take(5))],
        [1, .. Targets.Seeds.Joined(Targets.Seeds.Stun().Take(4)), 0, 0, 0, 0],
        [7, 0x07, 0xFE, .. new byte[2046], 0x07, 0xFF, 1],
    ];

    public override long Run(ReadOnlySpan<byte> input)
    {
        if (input.Length == 0) return 0;
        int step = input[0] + 1;
        ReadOnlySpan<byte> stream = input[1..], rest = stream;
        using var reader = new FrameReader();
        int frames = 0, at = 0;
        bool isBroken = false;
        while (!rest.IsEmpty && !isBroken)
        {
            int arrived = Math.Min(Math.Min(step, rest.Length), reader.Free.Length);
            Oracle.That(arrived > 0, "there is no room for more although every whole frame was taken");
            rest[..arrived].CopyTo(reader.Free);
            reader.Advance(arrived);
            rest = rest[arrived..];
            while (reader.TryRead(out Span<byte> frame, out isBroken))
            {
                frames++;
                while (BinaryPrimitives.ReadUInt16BigEndian(stream[at..]) == 0) at += 2;      // empty frames are passed over
                Oracle.That(frame.Length is > 0 and <= FrameReader.MaxFrame, "a frame is empty or too long");
                Oracle.That(BinaryPrimitives.ReadUInt16BigEndian(stream[at..]) == frame.Length && stream.Slice(at + 2, frame.Length).SequenceEqual(frame), "a frame is not what was sent");
                at += 2 + frame.Length;
            }
            reader.Compact();
        }
        while (at + 2 <= stream.Length && BinaryPrimitives.ReadUInt16BigEndian(stream[at..]) == 0) at += 2;
        bool isWholeLeft = at + 2 <= stream.Length && BinaryPrimitives.ReadUInt16BigEndian(stream[at..]) <= Math.Min(FrameReader.MaxFrame, stream.Length - at - 2);
        Oracle.That(!isWholeLeft, "a whole frame was not given out");
        return 1 + Math.Min(frames, 30) + (isBroken ? 100 : 0);
    }
}
