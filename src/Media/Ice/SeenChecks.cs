using System.Buffers.Binary;
using System.Numerics;

namespace Sfu.Media.Ice;

/// <summary>The last checks that a transport took, so that a captured one that comes again is known.</summary>
/// <remarks>Four bytes for each, all from the start: memory that grew with the checks would grow for as long as the call, by the same step for everybody.
/// A transaction id is random (RFC 8489 section 6), and whoever may choose one knows the password already, so that two checks have the same four bytes
/// once in four million checks. The later one then passes for a repeated one, is answered, and proves nothing; the next comes 2.5 s after it.</remarks>
internal sealed class SeenChecks
{
    /// <summary>How many are known: a client checks every 2.5 s on one pair, so this is 40 minutes.</summary>
    public const int Capacity = 1024;

    private readonly uint[] _digests = new uint[Capacity];
    private int _count;
    private int _next;

    /// <summary>Takes the id of an authenticated check.</summary>
    /// <param name="transactionId">12 bytes.</param>
    /// <returns>False when it is one of the last <see cref="Capacity"/>.</returns>
    public bool TryAdd(ReadOnlySpan<byte> transactionId)
    {
        // The CRC because some clients count in a part of the id: of two that differ in one part of 32 bits, no two have the same.
        uint crc = BitOperations.Crc32C(uint.MaxValue, BinaryPrimitives.ReadUInt64LittleEndian(transactionId));
        uint digest = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt32LittleEndian(transactionId[8..]));
        if (_digests.AsSpan(0, _count).Contains(digest)) return false;
        _digests[_next] = digest;
        _next = (_next + 1) % Capacity;
        _count = Math.Min(_count + 1, Capacity);
        return true;
    }
}
