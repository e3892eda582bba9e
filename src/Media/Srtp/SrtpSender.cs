using System.Runtime.CompilerServices;
using Sfu.Media.Native;
using Sfu.Media.Rtp;

namespace Sfu.Media.Srtp;

/// <summary>Protects what one transport sends (RFC 3711, RFC 7714).</summary>
/// <remarks>Owned by one media worker; not thread-safe; no allocation per packet. The caller keeps the 48-bit packet index of each
/// SSRC: one (SSRC, index) must never protect two different byte strings, or under GCM the authentication key is lost.</remarks>
public sealed class SrtpSender : IDisposable
{
    private const uint MaxRtcpIndex = 0x7FFF_FFFF;
    private readonly SrtpTransform _transform;
    private uint _rtcpIndex;

    /// <summary>Takes the local keys; they are zeroed with this object.</summary>
    /// <param name="keys">The keys of the transport.</param>
    /// <param name="engine">Who encrypts; <see cref="SrtpEngine.Best"/> when null.</param>
    public SrtpSender(SrtpKeys keys, SrtpEngine? engine = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _transform = new SrtpTransform(keys.Local, encrypt: true, engine ?? SrtpEngine.Best);
    }

    /// <summary>Calls of <see cref="Prefetch"/> that fetch all it needs.</summary>
    public const int PrefetchSteps = 3;

    /// <summary>Tells the processor that this sender is about to protect packets.</summary>
    /// <param name="step">0 to <see cref="PrefetchSteps"/> - 1, in this order, each some hundred nanoseconds after the one before.</param>
    public unsafe void Prefetch(int step)
    {
        if (step == 0) CacheHint.Fetch(Unsafe.AsPointer(ref _rtcpIndex));
        else if (step == 1) _transform.PrefetchState();
        else _transform.PrefetchKeys();
    }

    /// <summary>Protects one RTP packet.</summary>
    /// <param name="destination">Holds the header; room for the payload and <see cref="SrtpLimits.MaxOverhead"/> behind it.</param>
    /// <param name="headerLength">Length of the header with its extensions.</param>
    /// <param name="payload">The plain payload; elsewhere, or in place behind the header.</param>
    /// <param name="ssrc">The SSRC in the header.</param>
    /// <param name="index">ROC and sequence number: ROC &lt;&lt; 16 | SEQ, 48 bits.</param>
    /// <returns>Length of the protected packet.</returns>
    public int Protect(Span<byte> destination, int headerLength, ReadOnlySpan<byte> payload, Ssrc ssrc, ulong index) =>
        _transform.ProtectRtp(destination, headerLength, payload, ssrc, index);

    /// <summary>Protects one RTP packet by the end of the batch's next flush; until then neither it nor this sender may go away.</summary>
    /// <param name="destination">As above, in memory that does not move.</param>
    /// <param name="headerLength">Length of the header with its extensions.</param>
    /// <param name="payload">The plain payload; no longer needed after the call.</param>
    /// <param name="ssrc">The SSRC in the header.</param>
    /// <param name="index">ROC and sequence number: ROC &lt;&lt; 16 | SEQ, 48 bits.</param>
    /// <param name="batch">Of the thread that owns this sender.</param>
    /// <returns>Length of the protected packet.</returns>
    public int Protect(Span<byte> destination, int headerLength, ReadOnlySpan<byte> payload, Ssrc ssrc, ulong index, SrtpBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_transform.JobKey is null || !batch.IsEnabled || payload.IsEmpty) return Protect(destination, headerLength, payload, ssrc, index);
        batch.Add(_transform, destination, headerLength, payload, ssrc, index);
        return headerLength + payload.Length + _transform.TagLength;
    }

    /// <summary>Protects one RTCP compound in place; needs <see cref="SrtpLimits.MaxOverhead"/> bytes behind it.</summary>
    /// <returns>Length of the protected packet.</returns>
    public int ProtectRtcp(Span<byte> packet, int length)
    {
        // 2^31 compounds at 20 a second last three years; an index must never come twice (RFC 3711 section 9.2).
        if (_rtcpIndex == MaxRtcpIndex) throw new InvalidOperationException("The SRTCP indices of this key are used up.");
        return _transform.ProtectRtcp(packet, length, ++_rtcpIndex);
    }

    /// <summary>Packets that went through a cipher, since the start.</summary>
    public long Ciphers => _transform.Ciphers;

    /// <inheritdoc/>
    public void Dispose() => _transform.Dispose();
}
