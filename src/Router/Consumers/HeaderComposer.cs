using System.Buffers.Binary;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Producers;
using Sfu.Router.Workers.Commands;

namespace Sfu.Router.Consumers;

/// <summary>Writes the RTP headers of one consumer: the viewer's ids, never the publisher's MID, RID or transport-cc.</summary>
/// <remarks>Owned by one consumer. Passed through are audio level, video orientation and capture time. abs-send-time is written only
/// for viewers that have no transport-cc, and transport-cc only where packets are not resent byte for byte (its number is written when
/// the packet leaves, so a copy kept for a resend would not have it).</remarks>
internal sealed class HeaderComposer
{
    /// <summary>Longest header: 12 fixed bytes, 4 for the extension's head, 63 of elements in two-byte form, 3 of padding.</summary>
    internal const int MaxLength = 96;

    private const int MaxOneByteId = 14;
    private const int MaxOneByteLength = 16;
    private const int MaxMidLength = 32;

    private readonly byte[] _mid;
    private readonly byte _midId, _levelId, _transportCcId, _sendTimeId, _orientationId, _captureId;
    private readonly bool _twoByte;

    /// <summary>Takes the ids the viewer negotiated.</summary>
    /// <param name="parameters">What was negotiated.</param>
    /// <param name="writesTransportCc">False when packets are resent byte for byte.</param>
    internal HeaderComposer(ConsumerParameters parameters, bool writesTransportCc)
    {
        HeaderExtensionMap ids = parameters.Extensions;
        _mid = System.Text.Encoding.UTF8.GetBytes(parameters.Mid);
        bool hasMid = _mid.Length is > 0 and <= MaxMidLength;
        _midId = hasMid ? ids.IdOf(HeaderExtensionKind.Mid) : (byte)0;
        _levelId = ids.IdOf(HeaderExtensionKind.AudioLevel);
        bool hasTransportCc = ids.IdOf(HeaderExtensionKind.TransportCc) != 0;
        _transportCcId = writesTransportCc ? ids.IdOf(HeaderExtensionKind.TransportCc) : (byte)0;
        _sendTimeId = hasTransportCc ? (byte)0 : ids.IdOf(HeaderExtensionKind.AbsSendTime);
        _orientationId = ids.IdOf(HeaderExtensionKind.VideoOrientation);
        _captureId = ids.IdOf(HeaderExtensionKind.AbsCaptureTime);
        byte highest = Math.Max(Math.Max(Math.Max(_midId, _levelId), Math.Max(_transportCcId, _sendTimeId)), Math.Max(_orientationId, _captureId));
        _twoByte = highest > MaxOneByteId || _midId != 0 && _mid.Length > MaxOneByteLength;
    }

    /// <summary>Writes a header.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="now">The time, for abs-send-time.</param>
    /// <param name="fields">What stands in the fixed part.</param>
    /// <param name="source">The packet whose extensions are passed on; empty for none.</param>
    /// <param name="extensions">Its extensions.</param>
    /// <param name="withMid">The viewer may not know yet to which section the SSRC belongs.</param>
    /// <param name="transportCcAt">Where the transport writes its number; 0 for nowhere.</param>
    /// <returns>The header's length.</returns>
    internal int Write(
        Span<byte> destination, MediaTime now, in HeaderFields fields, ReadOnlySpan<byte> source, in ExtensionValues extensions,
        bool withMid, out int transportCcAt)
    {
        var writer = new RtpHeaderWriter(
            destination, fields.Marker, fields.PayloadType, fields.SequenceNumber, fields.Timestamp, fields.Ssrc, _twoByte);
        transportCcAt = 0;
        if (_transportCcId != 0)
        {
            writer.AddExtension(_transportCcId, [0, 0]);
            transportCcAt = writer.Length - 2;
        }

        if (withMid && _midId != 0) writer.AddExtension(_midId, _mid);
        if (extensions.HasAudioLevel) writer.AddExtension(_levelId, [extensions.AudioLevel]);
        if (extensions.HasOrientation) writer.AddExtension(_orientationId, [extensions.Orientation]);
        if (_sendTimeId != 0) AddSendTime(ref writer, now);
        if (_captureId != 0 && !source.IsEmpty)
        {
            ReadOnlySpan<byte> captured = extensions.AbsCaptureTime(source);
            if (captured.Length > 0) writer.AddExtension(_captureId, captured);
        }

        return writer.Finish();
    }

    // Seconds of an arbitrary clock in 6.18 fixed point.
    private void AddSendTime(ref RtpHeaderWriter writer, MediaTime now)
    {
        Span<byte> word = stackalloc byte[4];
        long milliseconds = now.Nanoseconds / 1_000_000;
        BinaryPrimitives.WriteUInt32BigEndian(word, (uint)((milliseconds << 18) / 1000) & 0xFF_FFFF);
        writer.AddExtension(_sendTimeId, word[1..]);
    }
}

/// <summary>The fixed part of an outgoing RTP header.</summary>
internal readonly record struct HeaderFields(bool Marker, byte PayloadType, SequenceNumber SequenceNumber, RtpTimestamp Timestamp, Ssrc Ssrc);
