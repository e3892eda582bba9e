using System.Buffers.Binary;
using System.Text;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Producers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Consumers;

/// <summary>Which header extensions a viewer gets, by which ids: the viewer's ids, never the publisher's MID, RID or transport-cc.</summary>
/// <remarks>Equal forms make equal headers of a packet but for what stands in the fixed part, and the MID. Passed through are audio level,
/// video orientation and capture time. abs-send-time is written only for viewers that have no transport-cc, and transport-cc only where
/// packets are not resent byte for byte (its number is written when the packet leaves, so a repeated packet would not have it).</remarks>
internal readonly record struct HeaderForm
{
    /// <summary>Longest header: 12 fixed bytes, 4 for the extension's head, 63 of elements in two-byte form, 3 of padding.</summary>
    internal const int MaxLength = 96;

    private const int MaxOneByteId = 14;
    private const int MaxOneByteLength = 16;
    private const int MaxMidLength = 32;

    private readonly ulong _ids;                           // one byte each, 0 for an extension that is not written; one word, to compare at once

    /// <summary>Takes the ids the viewer negotiated.</summary>
    /// <param name="parameters">What was negotiated.</param>
    /// <param name="writesTransportCc">False when packets are resent byte for byte.</param>
    internal HeaderForm(ConsumerParameters parameters, bool writesTransportCc)
    {
        HeaderExtensionMap ids = parameters.Extensions;
        int midLength = Encoding.UTF8.GetByteCount(parameters.Mid);
        byte mid = midLength is > 0 and <= MaxMidLength ? ids.IdOf(HeaderExtensionKind.Mid) : (byte)0;
        byte transportCc = ids.IdOf(HeaderExtensionKind.TransportCc);
        ReadOnlySpan<byte> written =
        [
            mid, ids.IdOf(HeaderExtensionKind.AudioLevel), writesTransportCc ? transportCc : (byte)0,
            transportCc != 0 ? (byte)0 : ids.IdOf(HeaderExtensionKind.AbsSendTime),
            ids.IdOf(HeaderExtensionKind.VideoOrientation), ids.IdOf(HeaderExtensionKind.AbsCaptureTime),
        ];
        bool isTwoByte = mid != 0 && midLength > MaxOneByteLength;
        for (int i = 0; i < written.Length; i++)
        {
            _ids |= (ulong)written[i] << (8 * i);
            isTwoByte |= written[i] > MaxOneByteId;
        }

        if (isTwoByte) _ids |= 1UL << (8 * written.Length);
    }

    /// <summary>The viewer has sections and is told to which an SSRC belongs.</summary>
    internal bool HasMid => Mid != 0;

    private byte Mid => (byte)_ids;

    private byte Level => (byte)(_ids >> 8);

    private byte TransportCc => (byte)(_ids >> 16);

    private byte SendTime => (byte)(_ids >> 24);

    private byte Orientation => (byte)(_ids >> 32);

    private byte Capture => (byte)(_ids >> 40);

    private bool IsTwoByte => _ids >> 48 != 0;

    /// <summary>Writes a header.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="now">The time, for abs-send-time.</param>
    /// <param name="fields">What stands in the fixed part.</param>
    /// <param name="source">The packet whose extensions are passed on; empty for none.</param>
    /// <param name="extensions">Its extensions.</param>
    /// <param name="mid">The section's name, when the viewer may not know yet to which one the SSRC belongs; else empty.</param>
    /// <param name="transportCcAt">Where the transport writes its number; 0 for nowhere.</param>
    /// <returns>The header's length.</returns>
    internal int Write(
        Span<byte> destination, MediaTime now, in HeaderFields fields, ReadOnlySpan<byte> source, in ExtensionValues extensions,
        ReadOnlySpan<byte> mid, out int transportCcAt)
    {
        var writer = new RtpHeaderWriter(
            destination, fields.Marker, fields.PayloadType, fields.SequenceNumber, fields.Timestamp, fields.Ssrc, IsTwoByte);
        transportCcAt = 0;
        if (TransportCc != 0)
        {
            writer.AddExtension(TransportCc, [0, 0]);
            transportCcAt = writer.Length - 2;
        }

        if (!mid.IsEmpty) writer.AddExtension(Mid, mid);
        if (extensions.HasAudioLevel) writer.AddExtension(Level, [extensions.AudioLevel]);
        if (extensions.HasOrientation) writer.AddExtension(Orientation, [extensions.Orientation]);
        if (SendTime != 0) AddSendTime(ref writer, now);
        if (Capture != 0 && !source.IsEmpty)
        {
            ReadOnlySpan<byte> captured = extensions.AbsCaptureTime(source);
            if (captured.Length > 0) writer.AddExtension(Capture, captured);
        }

        return writer.Finish();
    }

    // Seconds of an arbitrary clock in 6.18 fixed point.
    private void AddSendTime(ref RtpHeaderWriter writer, MediaTime now)
    {
        Span<byte> word = stackalloc byte[4];
        long milliseconds = now.Nanoseconds / 1_000_000;
        BinaryPrimitives.WriteUInt32BigEndian(word, (uint)((milliseconds << 18) / 1000) & 0xFF_FFFF);
        writer.AddExtension(SendTime, word[1..]);
    }
}

/// <summary>The fixed part of an outgoing RTP header.</summary>
internal readonly record struct HeaderFields(bool Marker, byte PayloadType, SequenceNumber SequenceNumber, RtpTimestamp Timestamp, Ssrc Ssrc);
