using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sfu.Media.Ice;

/// <summary>STUN message types of ICE (RFC 8489 section 5).</summary>
public enum StunType : ushort
{
    /// <summary>A check.</summary>
    BindingRequest = 0x0001,

    /// <summary>A keep-alive without answer.</summary>
    BindingIndication = 0x0011,

    /// <summary>Success.</summary>
    BindingResponse = 0x0101,

    /// <summary>Refusal.</summary>
    BindingError = 0x0111,
}

/// <summary>A STUN message read in place (RFC 8489): where its attributes are. Nothing is copied.</summary>
public readonly ref struct StunMessage
{
    internal const int HeaderSize = 20;
    private const uint MagicCookie = 0x2112_A442;
    private const uint FingerprintMask = 0x5354_554E;
    private const int IntegritySize = 20;
    private readonly ReadOnlySpan<byte> _message;

    private StunMessage(ReadOnlySpan<byte> message) => _message = message;

    /// <summary>Message type.</summary>
    public StunType Type => (StunType)BinaryPrimitives.ReadUInt16BigEndian(_message);

    /// <summary>96-bit transaction id.</summary>
    public ReadOnlySpan<byte> TransactionId => _message.Slice(8, 12);

    /// <summary>Checks length, cookie, the attributes' lengths and FINGERPRINT, in the order of their cost; ICE messages must carry one (RFC 8445 section 7.1).</summary>
    public static DropReason TryParse(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        message = default;
        if (datagram.Length < HeaderSize) return DropReason.Truncated;
        if (BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != MagicCookie || datagram[0] > 3) return DropReason.Malformed;
        int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if (length % 4 != 0 || HeaderSize + length != datagram.Length) return DropReason.Truncated;
        var candidate = new StunMessage(datagram);
        int last = HeaderSize;
        ushort lastType = 0;
        for (int at = HeaderSize; at < datagram.Length;)
        {
            if (at + 4 > datagram.Length) return DropReason.Truncated;
            lastType = BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);
            last = at;
            at += 4 + (BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]) + 3 & ~3);
            if (at > datagram.Length) return DropReason.Truncated;
        }
        if (lastType != StunAttribute.Fingerprint || last + 8 != datagram.Length || datagram[last + 3] != 4) return DropReason.StunAuthentication;
        uint crc = Crc32.Compute(datagram[..last]) ^ FingerprintMask;
        if (BinaryPrimitives.ReadUInt32BigEndian(datagram[(last + 4)..]) != crc) return DropReason.StunAuthentication;
        message = candidate;
        return DropReason.None;
    }

    /// <summary>The server's half of the USERNAME of a request: what finds the transport. Checks the message as <see cref="TryParse"/> does.</summary>
    public static bool TryGetServerUfrag(ReadOnlySpan<byte> datagram, out ReadOnlySpan<byte> ufrag)
    {
        ufrag = default;
        return TryParse(datagram, out StunMessage message) == DropReason.None && message.TryGetServerUfrag(out ufrag);
    }

    /// <summary>The part of USERNAME before the colon.</summary>
    public bool TryGetServerUfrag(out ReadOnlySpan<byte> ufrag)
    {
        ufrag = default;
        if (!TryGet(StunAttribute.Username, out ReadOnlySpan<byte> name)) return false;
        int colon = name.IndexOf((byte)':');
        if (colon <= 0) return false;
        ufrag = name[..colon];
        return true;
    }

    /// <summary>USERNAME as it is.</summary>
    public bool TryGetUsername(out ReadOnlySpan<byte> name) => TryGet(StunAttribute.Username, out name);

    /// <summary>True when USE-CANDIDATE is there.</summary>
    public bool HasUseCandidate => TryGet(StunAttribute.UseCandidate, out _);

    /// <summary>True when the sender says that it is controlled.</summary>
    public bool IsFromControlled => TryGet(StunAttribute.IceControlled, out _);

    /// <summary>PRIORITY, or 0.</summary>
    public uint Priority => TryGet(StunAttribute.Priority, out ReadOnlySpan<byte> value) && value.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(value) : 0;

    /// <summary>The code of an ERROR-CODE attribute, or 0.</summary>
    public int ErrorCode => TryGet(StunAttribute.ErrorCode, out ReadOnlySpan<byte> value) && value.Length >= 4 ? (value[2] & 7) * 100 + value[3] : 0;

    /// <summary>Verifies MESSAGE-INTEGRITY with the short-term password, in constant time (RFC 8489 section 14.5).</summary>
    public bool HasIntegrity(ReadOnlySpan<byte> password)
    {
        if (!TryFind(StunAttribute.MessageIntegrity, out int at, out int length) || length != IntegritySize) return false;
        // The hash covers the message up to the attribute, with a length that ends behind it.
        Span<byte> covered = stackalloc byte[1500];
        if (at > covered.Length) return false;
        _message[..at].CopyTo(covered);
        BinaryPrimitives.WriteUInt16BigEndian(covered[2..], (ushort)(at + 4 + IntegritySize - HeaderSize));
        Span<byte> hash = stackalloc byte[IntegritySize];
        Hash(password, covered[..at], hash);
        return CryptographicOperations.FixedTimeEquals(hash, _message.Slice(at + 4, IntegritySize));
    }

    /// <summary>Lists attributes that the receiver must understand and we do not (RFC 8489 section 6.3.1), as UNKNOWN-ATTRIBUTES carries them.</summary>
    /// <param name="types">Where their types go; as many as fit.</param>
    /// <returns>Bytes written; 0 when there is none.</returns>
    internal int CopyUnknownRequired(Span<byte> types)
    {
        int written = 0;
        for (int at = HeaderSize; at + 4 <= _message.Length && written + 2 <= types.Length;)
        {
            ushort type = BinaryPrimitives.ReadUInt16BigEndian(_message[at..]);
            if (type == StunAttribute.MessageIntegrity) break;
            if (type < StunAttribute.FirstOptional && !StunAttribute.IsUnderstood(type))
            {
                BinaryPrimitives.WriteUInt16BigEndian(types[written..], type);
                written += 2;
            }
            at += 4 + (BinaryPrimitives.ReadUInt16BigEndian(_message[(at + 2)..]) + 3 & ~3);
        }
        return written;
    }

    /// <summary>Finds an attribute; what lies behind MESSAGE-INTEGRITY, but for FINGERPRINT, is not authenticated and not found.</summary>
    internal bool TryGet(ushort type, out ReadOnlySpan<byte> value)
    {
        bool found = TryFind(type, out int at, out int length);
        value = found ? _message.Slice(at + 4, length) : default;
        return found;
    }

    private bool TryFind(ushort type, out int found, out int foundLength)
    {
        for (int at = HeaderSize; at + 4 <= _message.Length;)
        {
            ushort here = BinaryPrimitives.ReadUInt16BigEndian(_message[at..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(_message[(at + 2)..]);
            if (here == type)
            {
                found = at;
                foundLength = length;
                return true;
            }
            if (here == StunAttribute.MessageIntegrity) break;
            at += 4 + (length + 3 & ~3);
        }
        found = foundLength = 0;
        return false;
    }

#pragma warning disable CA5350 // RFC 8489 section 14.5 fixes HMAC-SHA1
    internal static void Hash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> message, Span<byte> hash) => HMACSHA1.HashData(key, message, hash);
#pragma warning restore CA5350

    internal static uint FingerprintOf(ReadOnlySpan<byte> message) => Crc32.Compute(message) ^ FingerprintMask;

    internal static uint Cookie => MagicCookie;
}
