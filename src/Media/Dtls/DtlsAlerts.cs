using System.Buffers.Binary;
using System.Security.Cryptography;
using Sfu.Media.Native;

namespace Sfu.Media.Dtls;

/// <summary>What is left of DTLS 1.2 once a handshake has ended: alerts, protected by the connection's own keys (RFC 6347 section 4.1,
/// RFC 5288 section 3).</summary>
/// <remarks>Owned by one <see cref="DtlsTransport"/>. An SSL object of OpenSSL keeps 70 KB of native memory for this. It takes some 90 bytes
/// out of that object, which may go away then; they are zeroed with this one. All our cipher suites are GCM.</remarks>
internal sealed unsafe class DtlsAlerts : IDisposable
{
    /// <summary>Content type of an alert.</summary>
    internal const byte ContentType = 21;

    /// <summary>Length of an alert that is sent: head, nonce, level and description, tag.</summary>
    internal const int Length = DtlsRecord.HeaderSize + ExplicitNonce + Body + Tag;

    /// <summary>Bytes of a protected record that are needed of the last one sent: its head and its nonce.</summary>
    internal const int HeadLength = DtlsRecord.HeaderSize + ExplicitNonce;

    private const int ExplicitNonce = 8;
    private const int Salt = 4;                            // the part of the nonce that both sides derive
    private const int Tag = 16;
    private const int Body = 2;                            // level and description
    private const int AssociatedLength = 13;               // epoch and number, type, version, length
    private const int Random = 32;
    private const int MasterSecret = 48;
    private const ushort Ecdsa256 = 0xC02C;                // TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, the one with another hash

    private readonly byte[] _keyBlock;                     // client's key, server's key, client's salt, server's salt (RFC 5246 section 6.3)
    private readonly int _keyLength;
    private readonly bool _isServer;
    private ulong _number;                                 // epoch and number of the next record
    private ulong _nonce;

    /// <summary>Takes the keys of a connection whose handshake has ended.</summary>
    /// <param name="ssl">The connection.</param>
    /// <param name="role">Our side of it.</param>
    /// <param name="lastSent">The first <see cref="HeadLength"/> bytes of the last protected record we sent: numbers and nonces go on there,
    /// since under one key neither may come twice.</param>
    internal DtlsAlerts(SslHandle ssl, DtlsRole role, ReadOnlySpan<byte> lastSent)
    {
        bool isSha384 = LibSsl.CipherProtocolId(LibSsl.GetCurrentCipher(ssl)) == Ecdsa256;
        _keyLength = isSha384 ? 32 : 16;
        _isServer = role == DtlsRole.Server;
        _keyBlock = GC.AllocateArray<byte>(2 * (_keyLength + Salt), pinned: true);
        Span<byte> master = stackalloc byte[MasterSecret];
        Span<byte> randoms = stackalloc byte[2 * Random];
        fixed (byte* secret = master, both = randoms)
        {
            LibSsl.GetServerRandom(ssl, both, Random);
            LibSsl.GetClientRandom(ssl, both + Random, Random);
            if (LibSsl.GetMasterKey(LibSsl.GetSession(ssl), secret, MasterSecret) != MasterSecret)
                throw new CryptographicException("OpenSSL gave no master secret of a finished handshake.");
        }

        TlsPrf.Expand(isSha384, master, "key expansion"u8, randoms, _keyBlock);
        CryptographicOperations.ZeroMemory(master);
        _number = BinaryPrimitives.ReadUInt64BigEndian(lastSent[3..]) + 1;
        _nonce = BinaryPrimitives.ReadUInt64BigEndian(lastSent[DtlsRecord.HeaderSize..]) + 1;
    }

    /// <summary>Writes the alert that ends a connection in order.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    internal void WriteCloseNotify(Span<byte> destination)
    {
        destination[0] = ContentType;
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], DtlsRecord.Version12);
        BinaryPrimitives.WriteUInt64BigEndian(destination[3..], _number++);
        BinaryPrimitives.WriteUInt16BigEndian(destination[11..], Length - DtlsRecord.HeaderSize);
        BinaryPrimitives.WriteUInt64BigEndian(destination[DtlsRecord.HeaderSize..], _nonce++);
        Span<byte> associated = stackalloc byte[AssociatedLength];
        Span<byte> iv = stackalloc byte[Salt + ExplicitNonce];
        Prepare(destination, isOurs: true, iv, associated);
        using EvpCipher cipher = EvpCipher.Gcm(KeyOf(isOurs: true), encrypt: true);
        cipher.Seal(iv, associated, [1, 0], destination.Slice(HeadLength, Body + Tag));   // warning, close_notify
    }

    /// <summary>Reads an alert of the other side.</summary>
    /// <param name="record">A whole record; hostile until its tag was verified.</param>
    /// <param name="isFatal">It ends the connection at once.</param>
    /// <param name="isClose">It ends the connection in order.</param>
    /// <returns>False when it is none, or not the other side's.</returns>
    internal bool TryRead(ReadOnlySpan<byte> record, out bool isFatal, out bool isClose)
    {
        isFatal = isClose = false;
        bool isProtected = BinaryPrimitives.ReadUInt16BigEndian(record[3..]) == 1;
        if (record.Length != Length || record[0] != ContentType || !isProtected) return false;
        Span<byte> associated = stackalloc byte[AssociatedLength];
        Span<byte> iv = stackalloc byte[Salt + ExplicitNonce];
        Span<byte> body = stackalloc byte[Body];
        Prepare(record, isOurs: false, iv, associated);
        using EvpCipher cipher = EvpCipher.Gcm(KeyOf(isOurs: false), encrypt: false);
        if (!cipher.TryOpen(iv, associated, record.Slice(HeadLength, Body), record[(HeadLength + Body)..], body)) return false;
        isFatal = body[0] == 2;
        isClose = body[1] == 0;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_keyBlock);

    private void Prepare(ReadOnlySpan<byte> record, bool isOurs, Span<byte> iv, Span<byte> associated)
    {
        _keyBlock.AsSpan(2 * _keyLength + (isOurs == _isServer ? Salt : 0), Salt).CopyTo(iv);
        record.Slice(DtlsRecord.HeaderSize, ExplicitNonce).CopyTo(iv[Salt..]);
        record.Slice(3, 8).CopyTo(associated);             // epoch and number
        record[..3].CopyTo(associated[8..]);               // type and version
        BinaryPrimitives.WriteUInt16BigEndian(associated[11..], Body);
    }

    private ReadOnlySpan<byte> KeyOf(bool isOurs) => _keyBlock.AsSpan(isOurs == _isServer ? _keyLength : 0, _keyLength);
}
