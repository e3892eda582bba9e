using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Sfu.Media.Native;
using Sfu.Media.Rtp;

namespace Sfu.Media.Srtp;

/// <summary>The cipher and tag of one direction of one transport: RFC 3711 sections 3.3, 3.4, 4.1.1; RFC 7714 sections 8, 9.</summary>
internal sealed class SrtpTransform : IDisposable
{
    private const int RtcpHeaderLength = 8;
    private const int IndexLength = 4;
    private const int MaxCompound = 2048;                  // no datagram of ours or of a client is that long
    private readonly SrtpDirectionKeys _keys;
    private readonly AeadCipher? _gcm;                     // RTP under the GCM profiles
    private readonly EvpCipher? _counter;                  // RTP under AES-CM, with its tag
    private readonly EvpHmacSha1? _hmac;
    private readonly AeadCipher? _rtcpGcm;
    private readonly EvpCipher? _rtcpCounter;
    private readonly EvpHmacSha1? _rtcpHmac;
    private SrtpIv _rtpIv;
    private SrtpIv _rtcpIv;

    public SrtpTransform(SrtpDirectionKeys keys, bool encrypt, SrtpEngine engine)
    {
        _keys = keys;
        TagLength = SrtpLimits.TagLength(keys.Profile);
        _rtpIv = new SrtpIv(keys.RtpSalt);
        _rtcpIv = new SrtpIv(keys.RtcpSalt);
        if (keys.Profile != SrtpProfile.Aes128CmHmacSha1Tag80)
        {
            _gcm = engine.CreateGcm(keys.RtpKey, encrypt);
            _rtcpGcm = engine.CreateGcm(keys.RtcpKey, encrypt);
            return;
        }
        _counter = EvpCipher.Counter(keys.RtpKey);
        _hmac = new EvpHmacSha1(keys.RtpAuthentication);
        if (encrypt) JobKey = engine.CreateCounterKey(keys.RtpKey, keys.RtpAuthentication);
        _rtcpCounter = EvpCipher.Counter(keys.RtcpKey);
        _rtcpHmac = new EvpHmacSha1(keys.RtcpAuthentication);
    }

    public int TagLength { get; }

    /// <summary>Fetches this object into the caches.</summary>
    public unsafe void PrefetchState()
    {
        var values = (byte*)Unsafe.AsPointer(ref _rtpIv);
        CacheHint.Fetch(values - CacheHint.LineSize, 2 * CacheHint.LineSize);     // references come before values
    }

    /// <summary>Fetches the keys of RTP into the caches; this object should be there.</summary>
    public void PrefetchKeys()
    {
        _gcm?.Prefetch();
        JobKey?.Prefetch();
    }

    /// <summary>Packets that went through a cipher, since the start: what costs is counted where it is done.</summary>
    public long Ciphers { get; private set; }

    /// <summary>The keys as an <see cref="SrtpBatch"/> uses them; null where it is not used.</summary>
    public IpsecMbCounterKey? JobKey { get; }

    /// <summary>Writes the IV of an AES-CM packet that goes through a cipher with others.</summary>
    public void BeginTogether(Span<byte> iv, Ssrc ssrc, ulong index)
    {
        Ciphers++;
        _rtpIv.WriteCounter(iv, ssrc.Value, index);
    }

    /// <summary>Encrypts a payload behind the header that is in <paramref name="destination"/> already, and adds the tag.</summary>
    public int ProtectRtp(Span<byte> destination, int headerLength, ReadOnlySpan<byte> payload, Ssrc ssrc, ulong index)
    {
        Ciphers++;
        int length = headerLength + payload.Length;
        Span<byte> iv = stackalloc byte[SrtpIv.Length];
        if (_gcm is not null)
        {
            _rtpIv.WriteGcm(iv, ssrc.Value, index);
            _gcm.Seal(iv[..SrtpIv.GcmLength], destination[..headerLength], payload, destination[headerLength..]);
            return length + TagLength;
        }
        _rtpIv.WriteCounter(iv, ssrc.Value, index);
        _counter!.Xor(iv, payload, destination[headerLength..]);
        BinaryPrimitives.WriteUInt32BigEndian(destination[length..], (uint)(index >> 16)); // ROC, where the tag goes
        Tag(_hmac!, destination[..(length + IndexLength)], destination[length..]);
        return length + TagLength;
    }

    /// <summary>Verifies and decrypts; <paramref name="packet"/> is the datagram with its tag.</summary>
    public bool TryUnprotectRtp(ReadOnlySpan<byte> packet, int headerLength, Ssrc ssrc, ulong index, Span<byte> destination)
    {
        Ciphers++;
        int length = packet.Length - TagLength;
        Span<byte> iv = stackalloc byte[SrtpIv.Length];
        if (_gcm is not null)
        {
            _rtpIv.WriteGcm(iv, ssrc.Value, index);
            bool same = packet.Overlaps(destination, out int offset) && offset == 0;
            if (!same) packet[..headerLength].CopyTo(destination);
            return _gcm.TryOpen(iv[..SrtpIv.GcmLength], packet[..headerLength], packet[headerLength..length], packet[length..], destination[headerLength..]);
        }
        Span<byte> tag = stackalloc byte[TagLength];
        packet[length..].CopyTo(tag);
        packet[..length].CopyTo(destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[length..], (uint)(index >> 16));
        if (!TagMatches(_hmac!, destination[..(length + IndexLength)], tag)) return false;
        _rtpIv.WriteCounter(iv, ssrc.Value, index);
        _counter!.Xor(iv, destination[headerLength..length], destination[headerLength..length]);
        return true;
    }

    /// <summary>Encrypts a compound in place and adds index and tag; returns the new length.</summary>
    public int ProtectRtcp(Span<byte> packet, int length, uint index)
    {
        Ciphers++;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        uint word = 0x8000_0000 | index;
        Span<byte> iv = stackalloc byte[SrtpIv.Length];
        Span<byte> body = packet[RtcpHeaderLength..length];
        if (_rtcpGcm is not null)
        {
            Span<byte> associated = stackalloc byte[RtcpHeaderLength + IndexLength];
            packet[..RtcpHeaderLength].CopyTo(associated);
            BinaryPrimitives.WriteUInt32BigEndian(associated[RtcpHeaderLength..], word);
            _rtcpIv.WriteGcm(iv, ssrc, index);
            _rtcpGcm.Seal(iv[..SrtpIv.GcmLength], associated, body, packet[RtcpHeaderLength..]);
            BinaryPrimitives.WriteUInt32BigEndian(packet[(length + TagLength)..], word);
            return length + TagLength + IndexLength;
        }
        _rtcpIv.WriteCounter(iv, ssrc, index);
        _rtcpCounter!.Xor(iv, body, body);
        BinaryPrimitives.WriteUInt32BigEndian(packet[length..], word);
        Tag(_rtcpHmac!, packet[..(length + IndexLength)], packet[(length + IndexLength)..]);
        return length + IndexLength + TagLength;
    }

    /// <summary>The word of a protected compound that holds the E bit and the index.</summary>
    public uint RtcpIndexWord(ReadOnlySpan<byte> packet) =>
        BinaryPrimitives.ReadUInt32BigEndian(packet[(packet.Length - IndexLength - (_rtcpHmac is null ? 0 : TagLength))..]);

    /// <summary>Verifies and decrypts a compound whose index word was read; returns the plain length, or -1.</summary>
    public int UnprotectRtcp(ReadOnlySpan<byte> packet, uint word, Span<byte> destination)
    {
        Ciphers++;
        int length = packet.Length - IndexLength - TagLength;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        uint index = word & 0x7FFF_FFFF;
        bool encrypted = word >> 31 != 0;
        if (_rtcpGcm is not null) return TryOpenRtcp(packet, length, encrypted, ssrc, index, destination) ? length : -1;
        if (!TagMatches(_rtcpHmac!, packet[..(length + IndexLength)], packet[(length + IndexLength)..])) return -1;
        packet[..length].CopyTo(destination);
        if (encrypted)
        {
            Span<byte> iv = stackalloc byte[SrtpIv.Length];
            _rtcpIv.WriteCounter(iv, ssrc, index);
            _rtcpCounter!.Xor(iv, destination[RtcpHeaderLength..length], destination[RtcpHeaderLength..length]);
        }
        return length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gcm?.Dispose();
        _counter?.Dispose();
        _hmac?.Dispose();
        JobKey?.Dispose();
        _rtcpGcm?.Dispose();
        _rtcpCounter?.Dispose();
        _rtcpHmac?.Dispose();
        _rtpIv = _rtcpIv = default;
        _keys.Clear();
    }

    /// <summary>RFC 7714 section 9.2: what is authenticated only is the header or, without the E bit, the whole compound, then the index word.</summary>
    [SkipLocalsInit]
    private bool TryOpenRtcp(ReadOnlySpan<byte> packet, int length, bool encrypted, uint ssrc, uint index, Span<byte> destination)
    {
        int clear = encrypted ? RtcpHeaderLength : length;
        if (clear > MaxCompound) return false;
        Span<byte> associated = stackalloc byte[(encrypted ? RtcpHeaderLength : MaxCompound) + IndexLength];
        packet[..clear].CopyTo(associated);
        packet[^IndexLength..].CopyTo(associated[clear..]);
        Span<byte> iv = stackalloc byte[SrtpIv.GcmLength];
        _rtcpIv.WriteGcm(iv, ssrc, index);
        ReadOnlySpan<byte> tag = packet.Slice(length, TagLength);
        if (!_rtcpGcm!.TryOpen(iv, associated[..(clear + IndexLength)], packet[clear..length], tag, destination[clear..])) return false;
        packet[..clear].CopyTo(destination);
        return true;
    }

    private void Tag(EvpHmacSha1 hmac, ReadOnlySpan<byte> message, Span<byte> tag)
    {
        Span<byte> full = stackalloc byte[EvpHmacSha1.Length];
        hmac.Compute(message, full);
        full[..TagLength].CopyTo(tag);
    }

    private bool TagMatches(EvpHmacSha1 hmac, ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag)
    {
        Span<byte> full = stackalloc byte[EvpHmacSha1.Length];
        hmac.Compute(message, full);
        return CryptographicOperations.FixedTimeEquals(full[..TagLength], tag);
    }
}
