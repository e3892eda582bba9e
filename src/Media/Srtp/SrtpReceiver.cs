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
    private readonly Ssrc[] _rtpSsrcs = new Ssrc[SrtpLimits.MaxSsrcs];
    private readonly ReplayWindow[] _rtpWindows = new ReplayWindow[SrtpLimits.MaxSsrcs];
    private readonly Ssrc[] _rtcpSsrcs = new Ssrc[SrtpLimits.MaxSsrcs];
    private readonly ReplayWindow[] _rtcpWindows = new ReplayWindow[SrtpLimits.MaxSsrcs];
    private int _rtpCount;
    private int _rtcpCount;

    /// <summary>Takes the remote keys; they are zeroed with this object.</summary>
    public SrtpReceiver(SrtpKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _transform = new SrtpTransform(keys.Remote, encrypt: false);
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
        int slot = Find(_rtpSsrcs, _rtpCount, header.Ssrc);
        if (slot < 0 && _rtpCount == SrtpLimits.MaxSsrcs) return DropReason.TooManySsrcs;
        ulong index = header.SequenceNumber.Value;
        if (slot >= 0)
        {
            index = GuessIndex(_rtpWindows[slot].Highest, header.SequenceNumber.Value);
            DropReason known = _rtpWindows[slot].Check(index);
            if (known != DropReason.None) return known;
        }
        if (!_transform.TryUnprotectRtp(datagram, header.PayloadAt, header.Ssrc, index, destination)) return DropReason.Authentication;
        if (slot < 0) slot = Add(_rtpSsrcs, _rtpWindows, ref _rtpCount, header.Ssrc);
        _rtpWindows[slot].Accept(index);
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
        int slot = Find(_rtcpSsrcs, _rtcpCount, ssrc);
        if (slot < 0 && _rtcpCount == SrtpLimits.MaxSsrcs) return DropReason.TooManySsrcs;
        if (slot >= 0)
        {
            DropReason known = _rtcpWindows[slot].Check(index);
            if (known != DropReason.None) return known;
        }
        length = _transform.UnprotectRtcp(datagram, word, destination);
        if (length < 0) return DropReason.Authentication;
        if (slot < 0) slot = Add(_rtcpSsrcs, _rtcpWindows, ref _rtcpCount, ssrc);
        _rtcpWindows[slot].Accept(index);
        return DropReason.None;
    }

    /// <inheritdoc/>
    public void Dispose() => _transform.Dispose();

    /// <summary>The index nearest to the highest one that ends in this sequence number (RFC 3711 section 3.3.1, appendix A).</summary>
    internal static ulong GuessIndex(ulong highest, ushort sequenceNumber)
    {
        int distance = (short)(sequenceNumber - (ushort)highest);
        long index = (long)highest + distance;
        return index < 0 ? sequenceNumber : (ulong)index; // before the first packet of ROC 0 there is no earlier ROC
    }

    private static int Find(Ssrc[] ssrcs, int count, Ssrc ssrc)
    {
        for (int i = 0; i < count; i++)
            if (ssrcs[i] == ssrc) return i;
        return -1;
    }

    private static int Add(Ssrc[] ssrcs, ReplayWindow[] windows, ref int count, Ssrc ssrc)
    {
        ssrcs[count] = ssrc;
        windows[count] = new ReplayWindow(); // once per SSRC, after authentication
        return count++;
    }
}
