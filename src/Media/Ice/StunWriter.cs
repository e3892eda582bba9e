using System.Buffers.Binary;

namespace Sfu.Media.Ice;

/// <summary>Writes a STUN message into a span (RFC 8489 section 5): attributes in order, then integrity, then fingerprint.</summary>
internal ref struct StunWriter
{
    private readonly Span<byte> _message;
    private int _at;

    public StunWriter(Span<byte> destination, StunType type, ReadOnlySpan<byte> transactionId)
    {
        _message = destination;
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)type);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], StunMessage.Cookie);
        transactionId.CopyTo(destination[8..]);
        _at = StunMessage.HeaderSize;
    }

    public void Add(ushort type, scoped ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_message[_at..], type);
        BinaryPrimitives.WriteUInt16BigEndian(_message[(_at + 2)..], (ushort)value.Length);
        value.CopyTo(_message[(_at + 4)..]);
        int padded = value.Length + 3 & ~3;
        _message.Slice(_at + 4 + value.Length, padded - value.Length).Clear();
        _at += 4 + padded;
    }

    public void AddUInt32(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Add(type, bytes);
    }

    public void AddUInt64(ushort type, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        Add(type, bytes);
    }

    /// <summary>XOR-MAPPED-ADDRESS: IPv4 in its own form, IPv6 xored with cookie and transaction id (section 14.2).</summary>
    public void AddXorMappedAddress(TransportAddress address)
    {
        Span<byte> value = stackalloc byte[20];
        value[0] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(address.Port ^ (ushort)(StunMessage.Cookie >> 16)));
        if (address.IsIPv4)
        {
            value[1] = 1;
            BinaryPrimitives.WriteUInt32BigEndian(value[4..], (uint)address.Low ^ StunMessage.Cookie);
            Add(StunAttribute.XorMappedAddress, value[..8]);
            return;
        }
        value[1] = 2;
        address.WriteIPv6Bytes(value[4..]);
        for (int i = 0; i < 16; i++) value[4 + i] ^= _message[4 + i]; // cookie and transaction id stand one behind the other
        Add(StunAttribute.XorMappedAddress, value);
    }

    /// <summary>ERROR-CODE without a reason phrase: an answer must not be larger than it needs to be.</summary>
    public void AddError(int code) => Add(StunAttribute.ErrorCode, [0, 0, (byte)(code / 100), (byte)(code % 100)]);

    /// <summary>Adds MESSAGE-INTEGRITY (unless the password is empty) and FINGERPRINT; returns the message's length.</summary>
    public int Finish(scoped ReadOnlySpan<byte> password)
    {
        if (password.Length > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_message[2..], (ushort)(_at + 24 - StunMessage.HeaderSize));
            Span<byte> hash = stackalloc byte[20];
            StunMessage.Hash(password, _message[.._at], hash);
            Add(StunAttribute.MessageIntegrity, hash);
        }
        BinaryPrimitives.WriteUInt16BigEndian(_message[2..], (ushort)(_at + 8 - StunMessage.HeaderSize));
        AddUInt32(StunAttribute.Fingerprint, StunMessage.FingerprintOf(_message[.._at]));
        return _at;
    }
}
