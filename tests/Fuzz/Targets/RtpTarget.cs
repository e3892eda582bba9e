using Sfu.Media;
using Sfu.Media.Rtp;

namespace Sfu.Fuzz.Targets;

/// <summary>RTP header, header extensions, padding and RTX. A header written again from what was read reads the same.</summary>
internal sealed class RtpTarget : FuzzTarget
{
    private readonly byte[] _copy = new byte[64 * 1024];
    private readonly byte[] _written = new byte[64 * 1024];

    public override string Name => "rtp";

    public override string SeedKind => "rtp";

    public override IEnumerable<byte[]> Seeds() => Targets.Seeds.Rtp();

    public override long Run(ReadOnlySpan<byte> input)
    {
        DropReason reason = RtpHeader.Parse(input, out RtpHeader header);
        if (reason != DropReason.None) return (long)reason;
        Oracle.That(header.PayloadAt >= RtpHeader.FixedSize && header.PayloadAt <= input.Length, "the payload begins outside the packet");
        Oracle.That(header.ExtensionAt + header.ExtensionLength <= header.PayloadAt, "the extension reaches into the payload");
        int elements = CheckExtensions(input, header);
        DropReason payload = header.TryGetPayload(input, out int length);
        if (payload == DropReason.None) Oracle.That(length >= 0 && header.PayloadAt + length <= input.Length, "the payload ends outside the packet");
        DropReason rtx = CheckRtx(input, header, payload);
        return 100 + (long)payload + 50 * (long)rtx + 5000 * Math.Min(elements, 8) + 50_000 * (header.ExtensionProfile >> 8) + 20_000_000L * header.CsrcCount;
    }

    private int CheckExtensions(ReadOnlySpan<byte> input, in RtpHeader header)
    {
        bool isTwoByte = (header.ExtensionProfile & 0xFFF0) == 0x1000;
        var writer = new RtpHeaderWriter(
            _written, header.Marker, header.PayloadType, header.SequenceNumber, header.Timestamp, header.Ssrc, isTwoByte);
        var reader = new HeaderExtensionReader(input, header);
        int count = 0;
        for (; reader.MoveNext(out byte id, out ReadOnlySpan<byte> value); count++)
        {
            Oracle.That(id != 0 && (isTwoByte || id < 15), "an element has an id that is none");
            writer.AddExtension(id, value);
        }
        ReadOnlySpan<byte> written = _written.AsSpan(0, writer.Finish());
        Oracle.That(RtpHeader.Parse(written, out RtpHeader again) == DropReason.None, "a written header is refused");
        Oracle.That(
            (again.Marker, again.PayloadType, again.SequenceNumber, again.Timestamp, again.Ssrc, again.PayloadAt)
            == (header.Marker, header.PayloadType, header.SequenceNumber, header.Timestamp, header.Ssrc, written.Length), "a written header reads differently");
        var second = new HeaderExtensionReader(written, again);
        reader = new HeaderExtensionReader(input, header);
        while (reader.MoveNext(out byte id, out ReadOnlySpan<byte> value))
            Oracle.That(second.MoveNext(out byte sameId, out ReadOnlySpan<byte> same) && sameId == id && same.SequenceEqual(value), "a written element reads differently");
        Oracle.That(!second.MoveNext(out _, out _), "a written extension has more elements");
        return count;
    }

    private DropReason CheckRtx(ReadOnlySpan<byte> input, in RtpHeader header, DropReason payload)
    {
        Span<byte> copy = _copy.AsSpan(0, input.Length);
        input.CopyTo(copy);
        DropReason reason = RtxPacket.Undo(copy, header, 96, new Ssrc(7), out Span<byte> restored);
        if (reason != DropReason.None)
        {
            Oracle.That(copy.SequenceEqual(input), "a refused RTX packet was changed");
            Oracle.That(payload == DropReason.None ? reason == DropReason.RtxWithoutOriginal : reason == payload, "RTX is refused for another reason than its payload");
            return reason;
        }
        Oracle.That(RtpHeader.Parse(restored, out RtpHeader original) == DropReason.None, "a restored packet is refused");
        Oracle.That(original.Ssrc.Value == 7 && original.PayloadType == 96 && original.Timestamp == header.Timestamp && original.PayloadAt == header.PayloadAt, "a restored header is wrong");
        Oracle.That(original.TryGetPayload(restored, out _) == DropReason.None, "a restored packet has no payload");
        Oracle.That(restored[original.PayloadAt..].SequenceEqual(input[(header.PayloadAt + 2)..]), "a restored payload is another");
        return reason;
    }
}
