using Sfu.Media.Audio;
using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Timeline;

namespace Sfu.Recorder.Derivation;

/// <summary>Packets of one audio stream, put in order and RED undone by the audio timeline that the mixer uses too. Silence and loss are
/// left to the times of the packets.</summary>
internal sealed class AudioUnits(SourceTrack track, uint ssrc, StreamClock clock) : IStreamUnits
{
    private const int MaxPacket = 65_535;
    private const long Second = 1_000_000_000;
    private const int SampleRate = 48_000;             // the timeline's, whatever the codec
    // Opus encoders look 6.5 ms ahead in all modes but the rare restricted one (libopus: OPUS_GET_LOOKAHEAD is 312 samples): what a decoder makes
    // of a packet was captured as much before its time stamp. Files hold that in their pre-skip (RFC 7845 section 4.2), RTP does not tell.
    private const long OpusLookahead = 6_500_000;      // ns
    private AudioTimeline? _timeline;
    private MediaCodec _codec;
    private byte _payloadType;
    private SequenceUnwrapper _sequence;
    private long _unusable;

    /// <inheritdoc/>
    public long Unusable => _unusable;

    /// <inheritdoc/>
    public void Add(in RtpHeader header, ReadOnlyMemory<byte> packet, MediaTime receivedAt, List<EncodedUnit> ready)
    {
        if (track.FormatOf(ssrc, header.PayloadType) is not { } format) return;
        if (IsSound(format.Codec) && (_timeline is null || format.Codec != _codec || header.PayloadType != _payloadType))
            Restart(format.Codec, header.PayloadType, format.ClockRate, ready);
        else if (_timeline is null && format.Codec == MediaCodec.Red && Primary() is { } primary)
            Restart(primary.Codec, primary.PayloadType!.Value, primary.ClockRate, ready);
        if (_timeline is null) return;
        long sequence = _sequence.Unwrap(header.SequenceNumber);
        if (_timeline.Add(sequence, header, packet.Span, receivedAt) == ReorderResult.Malformed) _unusable++;
        Take(ready);
    }

    /// <inheritdoc/>
    public void Flush(List<EncodedUnit> ready)
    {
        _timeline?.Flush();
        Take(ready);
    }

    private void Restart(MediaCodec codec, byte payloadType, int clockRate, List<EncodedUnit> ready)
    {
        Flush(ready);
        (_codec, _payloadType) = (codec, payloadType);
        _timeline = new AudioTimeline(new AudioTimelineOptions
        {
            Codec = codec,
            PayloadType = payloadType,
            ClockRate = clockRate,
            RedPayloadType = TypeOf(MediaCodec.Red),
            TelephoneEventPayloadType = track.Formats.FirstOrDefault(format => format.Codec == MediaCodec.TelephoneEvent && format.ClockRate == clockRate)?.PayloadType,
            MaxPacketBytes = MaxPacket,
        });
    }

    private void Take(List<EncodedUnit> ready)
    {
        while (_timeline is not null && _timeline.TryTake(out AudioSpan span))
        {
            AudioSpanInfo info = span.Info;
            if (info.Kind != AudioSpanKind.Media) continue;
            if (info.Skip > 0)
            {
                _unusable++;                             // overlaps what is there
                continue;
            }
            ready.Add(new EncodedUnit
            {
                Codec = _codec,
                At = clock.ToServerTime(new RtpTimestamp((uint)info.Timestamp), info.ReceivedAt).Nanoseconds - (_codec == MediaCodec.Opus ? OpusLookahead : 0),
                Duration = info.Length * Second / SampleRate,
                Data = span.Payload.ToArray(),
                Ssrc = ssrc,
                Channels = _codec == MediaCodec.Opus && (span.Payload[0] & 0x04) != 0 ? 2 : 1, // RFC 6716 section 3.1
            });
        }
    }

    private SourceFormat? Primary() => track.Formats.FirstOrDefault(format => IsSound(format.Codec) && format.PayloadType is not null);

    private byte? TypeOf(MediaCodec codec) => track.Formats.FirstOrDefault(format => format.Codec == codec)?.PayloadType;

    private static bool IsSound(MediaCodec codec) => codec is MediaCodec.Opus or MediaCodec.Pcmu or MediaCodec.Pcma or MediaCodec.G722;
}
