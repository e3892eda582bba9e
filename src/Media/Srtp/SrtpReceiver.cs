using System.Buffers.Binary;
using Sfu.Media.Rtp;

namespace Sfu.Media.Srtp;

/// <summary>Verifies and decrypts what one transport receives (RFC 3711, RFC 7714).</summary>
/// <remarks>Owned by one media worker; not thread-safe. Replays are refused before the cipher runs; state of an SSRC is made and moved
/// only after its tag was verified, so a forger changes nothing.</remarks>
public sealed class SrtpReceiver : IDisposable
{
    private const int MinRtcpLength = 8;
    private readonly SrtpTransform _transform;
    private readonly ReplayTable _rtp = new();
    private readonly ReplayTable _rtcp = new();

    /// <summary>Takes the remote keys; they are zeroed with this object.</summary>
    /// <param name="keys">The keys of the transport.</param>
    /// <param name="engine">Who decrypts; <see cref="SrtpEngine.Best"/> when null.</param>
    public SrtpReceiver(SrtpKeys keys, SrtpEngine? engine = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _transform = new SrtpTransform(keys.Remote, encrypt: false, engine ?? SrtpEngine.Best);
    }

    /// <summary>Verifies and decrypts one RTP packet.</summary>
    /// <param name="datagram">The datagram; its header was parsed into <paramref name="header"/>.</param>
    /// <param name="header">The header of this datagram.</param>
    /// <param name="destination">At least as long as the datagram; may be the same memory, else must not overlap it.</param>
    /// <param name="length">Length of the plain packet, header included.</param>
    public DropReason Unprotect(ReadOnlySpan<byte> datagram, in RtpHeader header, Span<byte> destination, out int length)
    {
        length = datagram.Length - _transform.TagLength;
        if (length < header.PayloadAt) return DropReason.Truncated;
        int slot = _rtp.Find(header.Ssrc);
        ulong index = _rtp.IndexOf(slot, header.Ssrc, header.SequenceNumber.Value);
        DropReason known = _rtp.Check(slot, header.Ssrc, index);
        if (known != DropReason.None) return known;
        if (!_transform.TryUnprotectRtp(datagram, header.PayloadAt, header.Ssrc, index, destination)) return DropReason.Authentication;
        _rtp.Accept(slot, header.Ssrc, index);
        return DropReason.None;
    }

    /// <summary>Verifies and decrypts one RTCP compound.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="destination">At least as long as the datagram; may be the same memory, else must not overlap it.</param>
    /// <param name="length">Length of the plain compound.</param>
    public DropReason UnprotectRtcp(ReadOnlySpan<byte> datagram, Span<byte> destination, out int length)
    {
        length = 0;
        if (datagram.Length < MinRtcpLength + 4 + _transform.TagLength) return DropReason.Truncated;
        var ssrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]));
        uint word = _transform.RtcpIndexWord(datagram);
        uint index = word & 0x7FFF_FFFF;
        int slot = _rtcp.Find(ssrc);
        DropReason known = _rtcp.Check(slot, ssrc, index);
        if (known != DropReason.None) return known;
        length = _transform.UnprotectRtcp(datagram, word, destination);
        if (length < 0) return DropReason.Authentication;
        _rtcp.Accept(slot, ssrc, index);
        return DropReason.None;
    }

    /// <summary>Packets that went through a cipher, since the start.</summary>
    public long Ciphers => _transform.Ciphers;

    /// <inheritdoc/>
    public void Dispose() => _transform.Dispose();
}
