using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Video;

/// <summary>Makes frames of the packets of one video stream: puts packets in order, waits for missing ones as long as it may, gathers
/// complete frames in the form decoders and muxers take, and tells of each whether it can be decoded (libwebrtc's packet buffer,
/// reference finder and frame buffer in one).</summary>
/// <remarks>One owner; told the time. After each <see cref="Add"/>, <see cref="SetTime"/> or <see cref="Flush"/> call
/// <see cref="TryTake"/> until it gives nothing. Frames come in the order of their sequence numbers, which is the order of decoding.
/// Memory is bounded by <see cref="FrameAssemblerOptions"/> and nothing is allocated once its largest extent was reached. A new codec,
/// payload type or SSRC needs a new assembler.</remarks>
public sealed class FrameAssembler
{
    private readonly FrameAssemblerOptions _options;
    private readonly MediaCodec _codec;
    private readonly ReorderBuffer _packets;
    private readonly FrameBuffer _buffer;
    private readonly Depacketizer _depacketizer;
    private readonly PictureBuilder _builder;
    private readonly byte _orientationId;
    private readonly byte _descriptorId;
    private TimestampUnwrapper _timestamps;
    private FrameAssemblerStatistics _counts;
    private int _width;
    private int _height;
    private VideoRotation _rotation;

    /// <summary>Makes one for a stream.</summary>
    /// <param name="codec">VP8, VP9, H.264, H.265 or AV1.</param>
    /// <param name="options">Limits and form; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a video codec, or a limit is out of its range.</exception>
    public FrameAssembler(MediaCodec codec, FrameAssemblerOptions? options = null)
    {
        _options = options ?? new FrameAssemblerOptions();
        Check(_options.MaxPackets, 16, 65_536, nameof(options));
        Check(_options.MaxReorder, 1, _options.MaxPackets, nameof(options));
        Check(_options.MaxFrameBytes, 256, 64 * 1024 * 1024, nameof(options));
        Check(_options.MaxUnits, 1, 65_536, nameof(options));
        Check(_options.MaxPacketBytes, RtpHeader.FixedSize, 65_535, nameof(options));
        _codec = codec;
        _packets = new ReorderBuffer(_options.MaxPackets, _options.MaxReorder, _options.MaxPacketBytes) { Hold = _options.Hold };
        _buffer = new FrameBuffer(_options.MaxFrameBytes, _options.MaxUnits);
        _depacketizer = codec switch
        {
            MediaCodec.Vp8 => new Vp8Depacketizer(_buffer),
            MediaCodec.Vp9 => new Vp9Depacketizer(_buffer),
            MediaCodec.H264 => new H264Depacketizer(_buffer, _options.Framing),
            MediaCodec.H265 => new H265Depacketizer(_buffer, _options.Framing),
            MediaCodec.Av1 => new Av1Depacketizer(_buffer, _options.WithTemporalDelimiter),
            _ => throw new ArgumentOutOfRangeException(nameof(codec), codec, "not a video codec"),
        };
        _builder = new PictureBuilder(_buffer, _depacketizer);
        _orientationId = _options.Extensions.IdOf(HeaderExtensionKind.VideoOrientation);
        _descriptorId = _options.Extensions.IdOf(HeaderExtensionKind.DependencyDescriptor);
    }

    /// <summary>A hole is given up this long after the first packet behind it came. Reading a recording: the longest delay of a packet in
    /// it. Live: what the delay estimator says is left, set again for each frame if need be.</summary>
    public TimeSpan Hold
    {
        get => _packets.Hold;
        set => _packets.Hold = value;
    }

    /// <summary>No frame will be decodable until a key frame comes: live, it is to be asked for. True at the start.</summary>
    public bool KeyFrameNeeded => _depacketizer.NeedsKeyFrame;

    /// <summary>Packets that wait.</summary>
    public int WaitingPackets => _packets.Count;

    /// <summary>Parameter sets seen so far; null for VP8 and VP9, which have none.</summary>
    public VideoParameterSets? ParameterSets => _depacketizer.ParameterSets;

    /// <summary>What was seen so far.</summary>
    public FrameAssemblerStatistics Statistics => _counts with
    {
        Malformed = _counts.Malformed + _builder.Malformed,
        LostPackets = _packets.Lost,
        IncompleteFrames = _builder.Incomplete,
        OversizedFrames = _builder.Oversized,
    };

    /// <summary>When the hole before the waiting packets will be given up, so that <see cref="SetTime"/> is due;
    /// <see cref="MediaTime.Never"/> when there is none.</summary>
    public MediaTime NextDeadline => _packets.NextDeadline;

    /// <summary>Takes a packet; it is copied.</summary>
    /// <param name="sequence">Its extended sequence number, as <see cref="SequenceUnwrapper"/> makes it: RTX undone, in any order.</param>
    /// <param name="header">Its header.</param>
    /// <param name="packet">The whole packet; hostile.</param>
    /// <param name="receivedAt">When it came.</param>
    public ReorderResult Add(long sequence, in RtpHeader header, ReadOnlySpan<byte> packet, MediaTime receivedAt)
    {
        ReorderResult result = _packets.Check(sequence, packet.Length, receivedAt);
        if (result == ReorderResult.Stored && header.TryGetPayload(packet, out int payloadLength) == DropReason.None)
            _packets.Add(ToQueued(sequence, header, packet, payloadLength, receivedAt), packet);
        else if (result == ReorderResult.Stored)
            result = ReorderResult.Malformed;
        _counts = _counts with
        {
            Packets = _counts.Packets + 1,
            Malformed = _counts.Malformed + (result == ReorderResult.Malformed ? 1 : 0),
            Late = _counts.Late + (result == ReorderResult.Late ? 1 : 0),
            Duplicates = _counts.Duplicates + (result == ReorderResult.Duplicate ? 1 : 0),
            Refused = _counts.Refused + (result == ReorderResult.Full ? 1 : 0),
        };
        return result;
    }

    /// <summary>Tells the time without a packet; earlier times than before change nothing.</summary>
    public void SetTime(MediaTime now) => _packets.SetTime(now);

    /// <summary>Gives up the hole that is waited for now, if there is one: live, when the time at which the next frame is needed has come, see
    /// <see cref="PlayoutTiming"/>.</summary>
    public void GiveUpHole() => _packets.GiveUp();

    /// <summary>Nothing more will come: every hole is given up.</summary>
    public void Flush() => _packets.Flush();

    /// <summary>Takes a parameter set that came outside the stream (SDP, sprop-parameter-sets); H.264 and H.265 only.</summary>
    /// <param name="unit">The NAL unit with its header.</param>
    /// <returns>False when it is none, or of no use.</returns>
    public bool AddParameterSet(ReadOnlySpan<byte> unit) => _depacketizer.ParameterSets?.Add(unit) ?? false;

    /// <summary>Takes the next complete frame.</summary>
    /// <param name="frame">Valid until the next call to this assembler.</param>
    public bool TryTake(out VideoFrame frame)
    {
        while (_packets.TryPassHole(out long lost))
        {
            if (lost != 0) _builder.Lose(Math.Max(lost, 0));
            if (_builder.MustCloseBefore(_packets.First.Timestamp))
            {
                if (TryClose(out frame)) return true;
                continue;
            }
            QueuedPacket packet = _packets.Take();
            ReadOnlySpan<byte> bytes = _packets.BytesAt(packet.Place);
            _builder.Take(packet, bytes.Slice(packet.PayloadAt, packet.PayloadLength), bytes.Slice(packet.DescriptorAt, packet.DescriptorLength));
            _packets.Free(packet.Place);
            if (_builder.IsEnded && TryClose(out frame)) return true;
        }
        frame = default;
        return _packets.IsDrained && _builder.Finish(out VideoFrameInfo last) && TryDescribe(last, out frame);
    }

    private QueuedPacket ToQueued(long sequence, in RtpHeader header, ReadOnlySpan<byte> packet, int payloadLength, MediaTime receivedAt)
    {
        short orientation = -1;
        int descriptorAt = 0, descriptorLength = 0;
        if (header.HasExtension && (_orientationId | _descriptorId) != 0)
        {
            var reader = new HeaderExtensionReader(packet, header);
            while (reader.MoveNext(out byte id, out ReadOnlySpan<byte> value))
            {
                if (value.IsEmpty) continue;
                if (id == _orientationId) orientation = value[0];
                if (id != _descriptorId) continue;
                packet.Overlaps(value, out descriptorAt);
                descriptorLength = value.Length;
            }
        }
        bool isKeyFrame = _options.StartAtKeyFrame && !_packets.IsStarted
            && PayloadInspector.Inspect(_codec, packet.Slice(header.PayloadAt, payloadLength), header.Marker, out PayloadInfo info) == DropReason.None && info.IsKeyFrame;
        return new QueuedPacket(
            sequence, _timestamps.Unwrap(header.Timestamp), receivedAt, Place: -1, (ushort)header.PayloadAt, (ushort)payloadLength,
            (ushort)descriptorAt, (byte)descriptorLength, orientation, header.PayloadType, header.Marker, isKeyFrame);
    }

    private bool TryClose(out VideoFrame frame)
    {
        frame = default;
        return _builder.Close(out VideoFrameInfo info) && TryDescribe(info, out frame);
    }

    private bool TryDescribe(VideoFrameInfo info, out VideoFrame frame)
    {
        if (info.Width == 0) info = info with { Width = _width, Height = _height };
        info = info with
        {
            IsResolutionChanged = info.Width != _width || info.Height != _height,
            IsRotationChanged = info.Rotation != _rotation,
            AreParameterSetsChanged = _depacketizer.ParameterSets?.TakeChanged() ?? false,
        };
        (_width, _height, _rotation) = (info.Width, info.Height, info.Rotation);
        _counts = _counts with { Frames = _counts.Frames + 1, UndecodableFrames = _counts.UndecodableFrames + (info.IsDecodable ? 0 : 1) };
        frame = new VideoFrame(info, _buffer.Bytes, _buffer.Units);
        return true;
    }

    private static void Check(int value, int low, int high, string name)
    {
        if (value < low || value > high) throw new ArgumentOutOfRangeException(name, value, $"a limit is not within {low} to {high}");
    }
}
