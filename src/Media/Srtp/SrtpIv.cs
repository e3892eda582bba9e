using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sfu.Media.Srtp;

/// <summary>Makes the IV of a packet from session salt, SSRC and index: RFC 3711 section 4.1.1, RFC 7714 sections 8.1 and 9.1.</summary>
/// <remarks>Holds the salt as two words; its owner overwrites it with <c>default</c> when the keys are cleared.</remarks>
internal readonly struct SrtpIv
{
    /// <summary>Bytes of an AES-CM IV, and room enough for one of GCM.</summary>
    public const int Length = 16;

    /// <summary>Bytes of a GCM IV.</summary>
    public const int GcmLength = 12;

    private readonly ulong _first;
    private readonly ulong _second;

    /// <summary>Takes a salt of 12 or 14 bytes.</summary>
    public SrtpIv(ReadOnlySpan<byte> salt)
    {
        Span<byte> padded = stackalloc byte[Length];
        padded.Clear();
        salt.CopyTo(padded);
        _first = BinaryPrimitives.ReadUInt64BigEndian(padded);
        _second = BinaryPrimitives.ReadUInt64BigEndian(padded[8..]);
        CryptographicOperations.ZeroMemory(padded);
    }

    /// <summary>00 00 | SSRC | index (48 bits), xor salt; for RTCP the index has 31 bits.</summary>
    public void WriteGcm(Span<byte> iv, uint ssrc, ulong index)
    {
        BinaryPrimitives.WriteUInt64BigEndian(iv, _first ^ ((ulong)ssrc << 16 | (ushort)(index >> 32)));
        BinaryPrimitives.WriteUInt32BigEndian(iv[8..], (uint)(_second >> 32) ^ (uint)index);
    }

    /// <summary>(salt &lt;&lt; 16) xor (SSRC &lt;&lt; 64) xor (index &lt;&lt; 16); the last 16 bits count blocks.</summary>
    public void WriteCounter(Span<byte> iv, uint ssrc, ulong index)
    {
        BinaryPrimitives.WriteUInt64BigEndian(iv, _first ^ ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(iv[8..], _second ^ index << 16);
    }
}
