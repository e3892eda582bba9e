using System.Buffers.Binary;
using System.Security.Cryptography;
using Sfu.Media.Native;
using Sfu.Media.Rtp;

namespace Sfu.Media.Srtp;

/// <summary>The cipher and tag of one direction of one transport: RFC 3711 sections 3.3, 3.4, 4.1.1; RFC 7714 sections 8, 9.</summary>
internal sealed class SrtpTransform : IDisposable
{
    private const int RtcpHeaderLength = 8;
    private readonly SrtpDirectionKeys _keys;
    private readonly bool _gcm;
    private readonly EvpCipher _rtp;
    private readonly EvpCipher _rtcp;

    public SrtpTransform(SrtpDirectionKeys keys, bool encrypt)
    {
        _keys = keys;
        _gcm = keys.Profile != SrtpProfile.Aes128CmHmacSha1Tag80;
        TagLength = SrtpLimits.TagLength(keys.Profile);
        _rtp = _gcm ? EvpCipher.Gcm(keys.RtpKey, encrypt) : EvpCipher.Counter(keys.RtpKey);
        _rtcp = _gcm ? EvpCipher.Gcm(keys.RtcpKey, encrypt) : EvpCipher.Counter(keys.RtcpKey);
    }

    public int TagLength { get; }

    /// <summary>Encrypts a payload behind the header that is in <paramref name="destination"/> already, and adds the tag.</summary>
    public int ProtectRtp(Span<byte> destination, int headerLength, ReadOnlySpan<byte> payload, Ssrc ssrc, ulong index)
    {
        int length = headerLength + payload.Length;
        Span<byte> iv = stackalloc byte[16];
        if (_gcm)
        {
            GcmIv(iv, _keys.RtpSalt, ssrc.Value, index << 16 >> 16);
            _rtp.Seal(iv[..12], destination[..headerLength], default, payload, destination[headerLength..]);
            return length + TagLength;
        }
        CounterIv(iv, _keys.RtpSalt, ssrc.Value, index);
        _rtp.Xor(iv, payload, destination[headerLength..]);
        BinaryPrimitives.WriteUInt32BigEndian(destination[length..], (uint)(index >> 16)); // ROC, where the tag goes
        Tag(_keys.RtpAuthentication, destination[..(length + 4)], destination[length..]);
        return length + TagLength;
    }

    /// <summary>Verifies and decrypts; <paramref name="packet"/> is the datagram with its tag.</summary>
    public bool TryUnprotectRtp(ReadOnlySpan<byte> packet, int headerLength, Ssrc ssrc, ulong index, Span<byte> destination)
    {
        int length = packet.Length - TagLength;
        Span<byte> iv = stackalloc byte[16];
        if (_gcm)
        {
            GcmIv(iv, _keys.RtpSalt, ssrc.Value, index);
            bool same = packet.Overlaps(destination, out int offset) && offset == 0;
            if (!same) packet[..headerLength].CopyTo(destination);
            return _rtp.TryOpen(iv[..12], packet[..headerLength], default, packet[headerLength..length], packet[length..], destination[headerLength..]);
        }
        Span<byte> tag = stackalloc byte[10];
        packet[length..].CopyTo(tag);
        packet[..length].CopyTo(destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[length..], (uint)(index >> 16));
        if (!TagMatches(_keys.RtpAuthentication, destination[..(length + 4)], tag)) return false;
        CounterIv(iv, _keys.RtpSalt, ssrc.Value, index);
        _rtp.Xor(iv, destination[headerLength..length], destination[headerLength..length]);
        return true;
    }

    /// <summary>Encrypts a compound in place and adds index and tag; returns the new length.</summary>
    public int ProtectRtcp(Span<byte> packet, int length, uint index)
    {
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        uint word = 0x8000_0000 | index;
        Span<byte> iv = stackalloc byte[16];
        Span<byte> body = packet[RtcpHeaderLength..length];
        if (_gcm)
        {
            Span<byte> trailer = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(trailer, word);
            GcmIv(iv, _keys.RtcpSalt, ssrc, index);
            _rtcp.Seal(iv[..12], packet[..RtcpHeaderLength], trailer, body, packet[RtcpHeaderLength..]);
            trailer.CopyTo(packet[(length + TagLength)..]);
            return length + TagLength + 4;
        }
        CounterIv(iv, _keys.RtcpSalt, ssrc, index);
        _rtcp.Xor(iv, body, body);
        BinaryPrimitives.WriteUInt32BigEndian(packet[length..], word);
        Tag(_keys.RtcpAuthentication, packet[..(length + 4)], packet[(length + 4)..]);
        return length + 4 + TagLength;
    }

    /// <summary>Where the E bit and the index of an SRTCP packet are.</summary>
    public uint RtcpIndexWord(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[(_gcm ? packet.Length - 4 : packet.Length - 4 - TagLength)..]);

    /// <summary>Verifies and decrypts a compound whose index word was read; returns the plain length, or -1.</summary>
    public int UnprotectRtcp(ReadOnlySpan<byte> packet, uint word, Span<byte> destination)
    {
        int length = packet.Length - 4 - TagLength;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        uint index = word & 0x7FFF_FFFF;
        bool encrypted = word >> 31 != 0;
        Span<byte> iv = stackalloc byte[16];
        if (_gcm)
        {
            Span<byte> trailer = stackalloc byte[4];
            packet[^4..].CopyTo(trailer);
            GcmIv(iv, _keys.RtcpSalt, ssrc, index);
            ReadOnlySpan<byte> tag = packet.Slice(length, TagLength);
            if (!encrypted)
            {
                if (!_rtcp.TryOpen(iv[..12], packet[..length], trailer, default, tag, default)) return -1;
                packet[..length].CopyTo(destination);
                return length;
            }
            if (!_rtcp.TryOpen(iv[..12], packet[..RtcpHeaderLength], trailer, packet[RtcpHeaderLength..length], tag, destination[RtcpHeaderLength..])) return -1;
            packet[..RtcpHeaderLength].CopyTo(destination);
            return length;
        }
        if (!TagMatches(_keys.RtcpAuthentication, packet[..(length + 4)], packet[(length + 4)..])) return -1;
        packet[..length].CopyTo(destination);
        if (encrypted)
        {
            CounterIv(iv, _keys.RtcpSalt, ssrc, index);
            _rtcp.Xor(iv, destination[RtcpHeaderLength..length], destination[RtcpHeaderLength..length]);
        }
        return length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rtp.Dispose();
        _rtcp.Dispose();
        _keys.Clear();
    }

    // RFC 7714 section 8.1: 00 00 | SSRC | ROC and SEQ (48 bits), xor salt; section 9.1 for RTCP: the 31-bit index in the last 32 bits.
    private static void GcmIv(Span<byte> iv, byte[] salt, uint ssrc, ulong index)
    {
        iv.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(iv[2..], ssrc);
        BinaryPrimitives.WriteUInt16BigEndian(iv[6..], (ushort)(index >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(iv[8..], (uint)index);
        for (int i = 0; i < 12; i++) iv[i] ^= salt[i];
    }

    // RFC 3711 section 4.1.1: (salt << 16) xor (SSRC << 64) xor (index << 16); the last 16 bits count blocks.
    private static void CounterIv(Span<byte> iv, byte[] salt, uint ssrc, ulong index)
    {
        iv.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(iv[4..], ssrc);
        BinaryPrimitives.WriteUInt16BigEndian(iv[8..], (ushort)(index >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(iv[10..], (uint)index);
        for (int i = 0; i < 14; i++) iv[i] ^= salt[i];
    }

    private static void Tag(byte[] key, ReadOnlySpan<byte> message, Span<byte> tag)
    {
        Span<byte> full = stackalloc byte[20];
        HashSha1(key, message, full);
        full[..10].CopyTo(tag);
    }

    private static bool TagMatches(byte[] key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag)
    {
        Span<byte> full = stackalloc byte[20];
        HashSha1(key, message, full);
        return CryptographicOperations.FixedTimeEquals(full[..10], tag);
    }

#pragma warning disable CA5350 // RFC 3711 section 4.2.1 fixes HMAC-SHA1
    private static void HashSha1(byte[] key, ReadOnlySpan<byte> message, Span<byte> full) => HMACSHA1.HashData(key, message, full);
#pragma warning restore CA5350
}
