using System.Buffers.Binary;

namespace Sfu.Recorder.Journal;

/// <summary>What is known of one SSRC over all chunks of its track: which of the last numbers came, and its clock.</summary>
/// <remarks>Owned by the recorder's thread.</remarks>
/// <param name="ssrc">The stream.</param>
internal sealed class StreamWindow(uint ssrc)
{
    /// <summary>Numbers below the highest that are remembered: beyond, a packet is stored though it might be there already.</summary>
    internal const int Size = 2048;

    private readonly ulong[] _seen = new ulong[Size / 64];
    private bool _started;
    private uint _highest, _duplicates;
    private bool _isClocked;
    private long _clock;

    /// <summary>The stream.</summary>
    internal uint Ssrc => ssrc;

    /// <summary>Place among the streams of its track by last use; the smallest goes first.</summary>
    internal long LastUse { get; set; }

    /// <summary>Packets stored since the stream began.</summary>
    internal long Stored { get; private set; }

    /// <summary>Notes a number.</summary>
    /// <param name="number">Extended sequence number.</param>
    /// <param name="isLate">A higher one came before.</param>
    /// <returns>False for one that came before.</returns>
    internal bool Accept(uint number, out bool isLate)
    {
        bool isNew = IsNew(number, out isLate);
        if (isNew) Stored++;
        else _duplicates++;
        return isNew;
    }

    /// <summary>Duplicates since the last call: they count in the next chunk that has a packet of the stream.</summary>
    internal uint TakeDuplicates()
    {
        uint taken = _duplicates;
        _duplicates = 0;
        return taken;
    }

    /// <summary>Unwraps an RTP time stamp next to the last one.</summary>
    internal long Unwrap(uint timestamp)
    {
        _clock = _isClocked ? _clock + (int)(timestamp - (uint)_clock) : timestamp;
        _isClocked = true;
        return _clock;
    }

    /// <summary>RTP time stamp in a packet of at least 12 bytes.</summary>
    internal static uint TimestampOf(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);

    private bool IsNew(uint number, out bool isLate)
    {
        isLate = _started && number < _highest;
        if (!_started || number > _highest)
        {
            Advance(number);
            return true;
        }

        if (_highest - number >= Size) return true;
        ref ulong word = ref _seen[number / 64 % (Size / 64)];
        ulong bit = 1UL << (int)(number % 64);
        if ((word & bit) != 0) return false;
        word |= bit;
        return true;
    }

    private void Advance(uint number)
    {
        uint from = _started && number - _highest < Size ? _highest + 1 : number - Math.Min(number, Size - 1);
        for (uint n = from; n < number; n++) _seen[n / 64 % (Size / 64)] &= ~(1UL << (int)(n % 64));
        _seen[number / 64 % (Size / 64)] |= 1UL << (int)(number % 64);
        _highest = number;
        _started = true;
    }
}
