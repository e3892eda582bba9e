using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Media.Video;
using Sfu.Recorder.Derivation.Sources;
using Sfu.Recorder.Timeline;

namespace Sfu.Recorder.Derivation;

/// <summary>Frames of one video stream, by the frame assembler that the jitter buffer uses too.</summary>
internal sealed class VideoUnits(SourceTrack track, uint ssrc, StreamClock clock) : IStreamUnits
{
    private const int MaxPacket = 65_535;
    private FrameAssembler? _assembler;
    private MediaCodec _codec;
    private SequenceUnwrapper _sequence;
    private ReadOnlyMemory<byte> _sets;
    private long _unusableBefore;
    private bool _lost;                                // since the last frame that was of use

    /// <inheritdoc/>
    public long Unusable => _unusableBefore + UnusableNow();

    /// <inheritdoc/>
    public void Add(in RtpHeader header, ReadOnlyMemory<byte> packet, MediaTime receivedAt, List<EncodedUnit> ready)
    {
        if (track.FormatOf(ssrc, header.PayloadType) is not { } format || !IsVideo(format.Codec)) return;
        if (_assembler is null || format.Codec != _codec) Restart(format.Codec, ready);
        long sequence = _sequence.Unwrap(header.SequenceNumber);
        if (_assembler!.Add(sequence, header, packet.Span, receivedAt) == ReorderResult.Full)
        {
            Take(ready);
            _assembler.Add(sequence, header, packet.Span, receivedAt);
        }
        Take(ready);
    }

    /// <inheritdoc/>
    public void Flush(List<EncodedUnit> ready)
    {
        _assembler?.Flush();
        Take(ready);
    }

    private void Restart(MediaCodec codec, List<EncodedUnit> ready)
    {
        Flush(ready);
        _unusableBefore += UnusableNow();
        _codec = codec;
        _sets = default;
        _assembler = new FrameAssembler(codec, new FrameAssemblerOptions { Extensions = track.Extensions, MaxPacketBytes = MaxPacket });
    }

    private void Take(List<EncodedUnit> ready)
    {
        while (_assembler is not null && _assembler.TryTake(out VideoFrame frame))
        {
            VideoFrameInfo info = frame.Info;
            if (info.AreParameterSetsChanged || info.IsKeyFrame && _sets.IsEmpty) _sets = ReadSets(_assembler);
            _lost |= info.LostPacketsBefore > 0;
            if (!info.IsDecodable || info.IsRecovering) continue;
            ready.Add(new EncodedUnit
            {
                Codec = _codec,
                At = clock.ToServerTime(new RtpTimestamp((uint)info.Timestamp), info.FirstReceivedAt).Nanoseconds,
                Data = frame.Data.ToArray(),
                IsKey = info.IsKeyFrame,
                IsAfterLoss = _lost,
                Ssrc = ssrc,
                Width = info.Width,
                Height = info.Height,
                Rotation = (int)info.Rotation * 90,
                ParameterSets = _sets,
            });
            _lost = false;
        }
    }

    private long UnusableNow() => _assembler is null ? 0 : _assembler.Statistics.UndecodableFrames + _assembler.Statistics.IncompleteFrames;

    private static byte[] ReadSets(FrameAssembler assembler)
    {
        if (assembler.ParameterSets is not { } sets) return [];
        byte[] copy = new byte[sets.CopyTo(NalFraming.AnnexB, [])];
        sets.CopyTo(NalFraming.AnnexB, copy);
        return copy;
    }

    private static bool IsVideo(MediaCodec codec) => codec is MediaCodec.Vp8 or MediaCodec.Vp9 or MediaCodec.H264 or MediaCodec.H265 or MediaCodec.Av1;
}
