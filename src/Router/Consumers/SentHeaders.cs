namespace Sfu.Router.Consumers;

/// <summary>The own bytes of the last packets of a consumer without RTX, so that a resend repeats them exactly.</summary>
/// <remarks>Owned by one consumer, made only when the viewer sends NACKs but takes no RTX. One (key, SSRC, index) may protect one byte
/// string only (RFC 7714 section 9.1): what is not kept here byte for byte is not sent again.</remarks>
/// <param name="capacity">Packets kept, a power of two.</param>
internal sealed class SentHeaders(int capacity)
{
    /// <summary>Longest own bytes kept; longer ones are not sent again.</summary>
    internal const int MaxLength = 64;

    private readonly byte[] _bytes = new byte[capacity * MaxLength];
    private readonly Entry[] _entries = new Entry[capacity];

    /// <summary>Keeps the own bytes of a packet that is being sent.</summary>
    internal void Add(ulong index, ReadOnlySpan<byte> own, int headerLength)
    {
        int slot = (int)(index & (uint)(capacity - 1));
        _entries[slot] = default;
        if (own.Length > MaxLength) return;
        own.CopyTo(_bytes.AsSpan(slot * MaxLength));
        _entries[slot] = new Entry(index, (byte)own.Length, (byte)headerLength);
    }

    /// <summary>The own bytes of a packet, as they were sent.</summary>
    internal bool TryGet(ulong index, out ReadOnlySpan<byte> own, out int headerLength)
    {
        int slot = (int)(index & (uint)(capacity - 1));
        Entry entry = _entries[slot];
        own = _bytes.AsSpan(slot * MaxLength, entry.OwnLength);
        headerLength = entry.HeaderLength;
        return entry.OwnLength > 0 && entry.Index == index;
    }

    private readonly record struct Entry(ulong Index, byte OwnLength, byte HeaderLength);
}
