using Sfu.Media;
using Sfu.Media.Rtp;

namespace Sfu.Fuzz.Targets;

/// <summary>RED payloads: the blocks lie behind each other and end where the payload ends.</summary>
internal sealed class RedTarget : FuzzTarget
{
    public override string Name => "red";

    public override string SeedKind => "red";

    public override IEnumerable<byte[]> Seeds() =>
    [
        [0x85, 0x02, 0x80, 0x04, 0x07, 1, 2, 3, 4, 5, 6, 7],
        [0xEF, 0x0F, 0x00, 0x05, 0xEF, 0x07, 0x80, 0x03, 0x6F, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        [0x6F, 0xFC, 0xFF, 0xFE],
        [.. Enumerable.Repeat<byte[]>([0xEF, 0, 0, 0], 31).SelectMany(head => head), 0x6F],
    ];

    public override long Run(ReadOnlySpan<byte> input)
    {
        DropReason reason = RedPayload.TryParse(input, out RedPayload red);
        if (reason != DropReason.None) return (long)reason;
        int blocks = 0, data = 0, heads = 1;
        while (red.MoveNext(out RedBlock block))
        {
            blocks++;
            heads += 4;
            data += block.Data.Length;
            Oracle.That(block.TimestampOffset is >= 0 and <= 16_383 && block.PayloadType <= 127, "a field is out of its range");
        }
        Oracle.That(blocks is >= 1 and <= RedPayload.MaxBlocks, "the number of blocks is out of its range");
        Oracle.That(heads - 4 + data == input.Length, "the blocks are not the payload");
        return 100 + blocks;
    }
}
