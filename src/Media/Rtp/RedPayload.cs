using System.Buffers.Binary;

namespace Sfu.Media.Rtp;

/// <summary>Walks the blocks of a redundant audio payload in place (RFC 2198 section 3): older ones first, the primary last.</summary>
public ref struct RedPayload
{
    /// <summary>Blocks in one payload at most; NetEQ's limit (libwebrtc red_payload_splitter.cc).</summary>
    public const int MaxBlocks = 32;

    private const int RedundantHeadSize = 4;
    private const int PrimaryHeadSize = 1;
    private ReadOnlySpan<byte> _heads;
    private ReadOnlySpan<byte> _data;

    private RedPayload(ReadOnlySpan<byte> heads, ReadOnlySpan<byte> data, RedBlock primary)
    {
        _heads = heads;
        _data = data;
        Primary = primary;
    }

    /// <summary>Checks every block's head and length.</summary>
    /// <param name="payload">The payload without RTP header and padding; its content is hostile.</param>
    /// <param name="red">At the oldest block; valid only for <see cref="DropReason.None"/>.</param>
    public static DropReason TryParse(ReadOnlySpan<byte> payload, out RedPayload red)
    {
        red = default;
        int at = 0, blocks = 1;
        long redundant = 0;
        while (at < payload.Length && (payload[at] & 0x80) != 0)
        {
            if (at + RedundantHeadSize > payload.Length) return DropReason.Truncated;
            if (++blocks > MaxBlocks) return DropReason.Malformed;
            redundant += LengthOf(payload[at..]);
            at += RedundantHeadSize;
        }
        if (at >= payload.Length) return DropReason.Truncated;
        int dataAt = at + PrimaryHeadSize;
        if (dataAt + redundant > payload.Length) return DropReason.Truncated;
        var primary = new RedBlock(payload[at], 0, payload[(dataAt + (int)redundant)..]);
        red = new RedPayload(payload[..dataAt], payload[dataAt..], primary);
        return DropReason.None;
    }

    /// <summary>The block that is as old as the packet: what a receiver without loss plays.</summary>
    public RedBlock Primary { get; }

    /// <summary>Goes to the next block, the primary included.</summary>
    public bool MoveNext(out RedBlock block)
    {
        block = default;
        if (_heads.IsEmpty) return false;
        if (_heads.Length == PrimaryHeadSize)
        {
            block = Primary;
            _heads = default;
            return true;
        }
        int length = LengthOf(_heads);
        int offset = BinaryPrimitives.ReadUInt16BigEndian(_heads[1..]) >> 2;
        block = new RedBlock((byte)(_heads[0] & 0x7F), offset, _data[..length]);
        _heads = _heads[RedundantHeadSize..];
        _data = _data[length..];
        return true;
    }

    private static int LengthOf(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadUInt16BigEndian(head[2..]) & 0x3FF;
}
