using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Media.Audio;

/// <summary>Makes of the packets of one audio stream a line of time without gap or overlap: media, silence, comfort noise and loss, each
/// with its exact length.</summary>
/// <remarks>One owner; told the time. After each <see cref="Add"/>, <see cref="SetTime"/> or <see cref="Flush"/> call <see cref="TryTake"/>
/// until it gives nothing. Gaps are measured in time stamps, never in packets (RFC 7587 section 4.1). Memory is bounded by
/// <see cref="AudioTimelineOptions"/>, and nothing is allocated once its largest extent was reached. A new SSRC or codec needs a new one.</remarks>
public sealed class AudioTimeline
{
    private const int SamplesPerSecond = 48_000;
    private const int MaxNoiseBytes = 64;
    private const int EventBytes = 4;                  // RFC 4733 section 2.3
    private const int MaxOverlap = SamplesPerSecond / 5;                     // packets of one sender overlap by less, or its clock jumped
    private readonly AudioTimelineOptions _options;
    private readonly int _scale;                       // samples at 48 kHz in a tick of the clock
    private readonly ReorderBuffer _packets;
    private readonly AudioSpanQueue _ready = new();
    private readonly byte[] _noise = new byte[2 * MaxNoiseBytes];        // the description before may still be given out
    private readonly long _maxDrift;
    private TimestampUnwrapper _timestamps;
    private AudioTimelineStatistics _counts;
    private int _noiseAt;
    private int _noiseLength = -1;                     // -1: the sender does not describe noise
    private long _offset;                              // from the sender's time to ours, after jumps
    private long _lastLength;                          // of the last packet
    private long _missing;                             // packets lost, or of no use, since the last one used
    private MediaTime _lastReceivedAt;
    private bool _isStarted;
    private bool _wasDtx;
    private int _place = -1;                           // of the packet whose spans are ready

    /// <summary>Makes one for a stream.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a codec this knows, the clock does not divide 48 kHz, or a limit is out of its range.</exception>
    public AudioTimeline(AudioTimelineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        bool isKnown = options.Codec is MediaCodec.Opus or MediaCodec.Pcmu or MediaCodec.Pcma or MediaCodec.G722;
        if (!isKnown) throw new ArgumentOutOfRangeException(nameof(options), options.Codec, "not a codec that has a timeline");
        if (options.ClockRate < 8000 || SamplesPerSecond % options.ClockRate != 0)
            throw new ArgumentOutOfRangeException(nameof(options), options.ClockRate, "the clock does not divide 48 kHz");
        if (options.MaxPackets is < 16 or > 65_536 || options.MaxReorder < 1 || options.MaxReorder > options.MaxPackets
            || options.MaxPacketBytes is < RtpHeader.FixedSize or > 65_535)
            throw new ArgumentOutOfRangeException(nameof(options), "a limit is out of its range");
        _options = options;
        _scale = SamplesPerSecond / options.ClockRate;
        _maxDrift = (long)(options.MaxDrift.TotalSeconds * SamplesPerSecond);
        _packets = new ReorderBuffer(options.MaxPackets, options.MaxReorder, options.MaxPacketBytes) { Hold = options.Hold };
    }

    /// <summary>A hole is given up this long after the first packet behind it came; live, what the delay estimator says is left.</summary>
    public TimeSpan Hold
    {
        get => _packets.Hold;
        set => _packets.Hold = value;
    }

    /// <summary>Where the line has got to, in samples at 48 kHz: the end of what was given out or is ready.</summary>
    public long Position { get; private set; }

    /// <summary>When <see cref="SetTime"/> is due because a hole will be given up; <see cref="MediaTime.Never"/> when there is none.</summary>
    public MediaTime NextDeadline => _packets.NextDeadline;

    /// <summary>What was seen so far.</summary>
    public AudioTimelineStatistics Statistics => _counts with { LostPackets = _packets.Lost };

    /// <summary>Takes a packet; it is copied.</summary>
    /// <param name="sequence">Its extended sequence number: RTX undone, in any order.</param>
    /// <param name="header">Its header.</param>
    /// <param name="packet">The whole packet; hostile.</param>
    /// <param name="receivedAt">When it came.</param>
    public ReorderResult Add(long sequence, in RtpHeader header, ReadOnlySpan<byte> packet, MediaTime receivedAt)
    {
        ReorderResult result = _packets.Check(sequence, packet.Length, receivedAt);
        if (result == ReorderResult.Stored && header.TryGetPayload(packet, out int length) == DropReason.None)
        {
            long timestamp = _timestamps.Unwrap(header.Timestamp);
            _packets.Add(new QueuedPacket(
                sequence, timestamp, receivedAt, Place: -1, (ushort)header.PayloadAt, (ushort)length, DescriptorAt: 0, DescriptorLength: 0,
                Orientation: -1, header.PayloadType, header.Marker, IsKeyFrame: false), packet);
        }
        else if (result == ReorderResult.Stored)
        {
            result = ReorderResult.Malformed;
        }
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

    /// <summary>Gives up the hole that is waited for now, if there is one: live, when the time at which the next span is needed has come, see
    /// <see cref="PlayoutTiming"/>.</summary>
    public void GiveUpHole() => _packets.GiveUp();

    /// <summary>Nothing more will come: every hole is given up.</summary>
    public void Flush() => _packets.Flush();

    /// <summary>Takes the next span.</summary>
    /// <param name="span">Valid until the next call to this timeline.</param>
    public bool TryTake(out AudioSpan span)
    {
        while (_ready.IsEmpty)
        {
            if (_place >= 0) _packets.Free(_place);
            _place = -1;
            if (!_packets.TryPassHole(out long lost))
            {
                span = default;
                return false;
            }
            _missing += Math.Max(lost, 0);
            QueuedPacket packet = _packets.Take();
            _place = packet.Place;
            Read(packet, _packets.BytesAt(packet.Place).Slice(packet.PayloadAt, packet.PayloadLength));
        }
        AudioSpanQueue.Entry entry = _ready.Take();
        ReadOnlySpan<byte> bytes = entry.Info.Kind == AudioSpanKind.ComfortNoise ? _noise : _packets.BytesAt(_place);
        span = new AudioSpan(entry.Info, bytes.Slice(entry.PayloadAt, entry.PayloadLength));
        return true;
    }

    private void Read(in QueuedPacket packet, ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) return;                   // padding only
        if (packet.PayloadType == _options.PayloadType) ReadPrimary(packet, payload, packet.PayloadAt);
        else if (packet.PayloadType == _options.RedPayloadType) ReadRed(packet, payload);
        else if (packet.PayloadType == _options.ComfortNoisePayloadType) ReadNoise(packet, payload);
        else if (packet.PayloadType == _options.TelephoneEventPayloadType) ReadEvent(packet, payload);
        else Refuse();
    }

    private void ReadRed(in QueuedPacket packet, ReadOnlySpan<byte> payload)
    {
        if (RedPayload.TryParse(payload, out RedPayload red) != DropReason.None)
        {
            Refuse();
            return;
        }
        ReadOnlySpan<byte> bytes = _packets.BytesAt(packet.Place), primary = red.Primary.Data;
        byte primaryType = red.Primary.PayloadType;
        // What it repeats is of use only when it was missed, and when the time stamps can be trusted.
        while (_missing > 0 && _isStarted && !IsJump(packet) && red.MoveNext(out RedBlock block) && block.Data != primary)
        {
            if (block.PayloadType != _options.PayloadType || block.Data.IsEmpty || !TryMeasure(block.Data, out long length, out bool isDtx)) continue;
            bytes.Overlaps(block.Data, out int at);
            AddRecovered(packet, block.Data, at, packet.Timestamp - block.TimestampOffset, length, isDtx);
        }
        bytes.Overlaps(primary, out int primaryAt);
        if (primaryType == _options.PayloadType && !primary.IsEmpty) ReadPrimary(packet, primary, primaryAt);
        else if (primaryType == _options.ComfortNoisePayloadType) ReadNoise(packet, primary);
        else Refuse();
    }

    private void AddRecovered(in QueuedPacket packet, ReadOnlySpan<byte> payload, int payloadAt, long timestamp, long length, bool isDtx)
    {
        long start = timestamp * _scale + _offset;
        if (start + length <= Position) return;        // it was there
        FillTo(start, packet, isJump: false);
        AddMedia(packet, payload, payloadAt, start, length, isDtx, new AudioSpanInfo { Timestamp = timestamp, IsFromRedundancy = true });
        _missing = Math.Max(_missing - 1, 0);
        _counts = _counts with { Recovered = _counts.Recovered + 1 };
    }

    private void ReadPrimary(in QueuedPacket packet, ReadOnlySpan<byte> payload, int payloadAt)
    {
        if (!TryMeasure(payload, out long length, out bool isDtx))
        {
            Refuse();
            return;
        }
        bool isJump = Anchor(packet);
        long start = packet.Timestamp * _scale + _offset;
        if (start + length > Position)
        {
            FillTo(start, packet, isJump, payload, payloadAt);
            AddMedia(packet, payload, payloadAt, start, length, isDtx, new AudioSpanInfo { Timestamp = packet.Timestamp, IsDiscontinuity = isJump });
        }
        else
        {
            _counts = _counts with { Overlapping = _counts.Overlapping + 1 };
        }
        (_missing, _lastReceivedAt) = (0, packet.ReceivedAt);
    }

    private void AddMedia(in QueuedPacket packet, ReadOnlySpan<byte> payload, int payloadAt, long start, long length, bool isDtx, AudioSpanInfo info)
    {
        int skip = (int)(Position - start);
        _ready.Add(info with
        {
            Kind = AudioSpanKind.Media,
            Start = Position,
            Length = length - skip,
            Skip = skip,
            Sequence = packet.Sequence,
            ReceivedAt = packet.ReceivedAt,
            IsDtx = isDtx,
        }, payloadAt, payload.Length);
        Position = start + length;
        (_lastLength, _wasDtx, _noiseLength) = (length, isDtx, -1);
    }

    private void ReadNoise(in QueuedPacket packet, ReadOnlySpan<byte> payload)
    {
        bool isJump = Anchor(packet);
        FillTo(packet.Timestamp * _scale + _offset, packet, isJump);
        _noiseAt = MaxNoiseBytes - _noiseAt;
        _noiseLength = Math.Min(payload.Length, MaxNoiseBytes);
        payload[.._noiseLength].CopyTo(_noise.AsSpan(_noiseAt));
        (_missing, _wasDtx, _lastReceivedAt) = (0, false, packet.ReceivedAt);
    }

    private void ReadEvent(in QueuedPacket packet, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < EventBytes)
        {
            Refuse();
            return;
        }
        _counts = _counts with { TelephoneEvents = _counts.TelephoneEvents + 1 };
        _ready.Add(new AudioSpanInfo
        {
            Kind = AudioSpanKind.TelephoneEvent,
            Start = packet.Timestamp * _scale + _offset,
            Length = (payload[2] << 8 | payload[3]) * _scale,
            Timestamp = packet.Timestamp,
            Sequence = packet.Sequence,
            ReceivedAt = packet.ReceivedAt,
        }, packet.PayloadAt, packet.PayloadLength);
    }

    // Samples at 48 kHz that passed by the receive times since the packet before.
    private long ElapsedAt(in QueuedPacket packet) => Math.Max((packet.ReceivedAt - _lastReceivedAt).Ticks, 0) * 6 / 1250;

    private bool IsJump(in QueuedPacket packet)
    {
        long gap = packet.Timestamp * _scale + _offset - Position;
        return gap < -MaxOverlap || gap - ElapsedAt(packet) > _maxDrift;
    }

    // Time stamps that cannot be: the line goes on by as much as the receive times did. True after such a jump.
    private bool Anchor(in QueuedPacket packet)
    {
        long start = packet.Timestamp * _scale + _offset;
        if (!_isStarted)
        {
            _isStarted = true;
            (Position, _lastReceivedAt) = (start, packet.ReceivedAt);
            return false;
        }
        if (!IsJump(packet)) return false;
        _offset += Position + Math.Max(ElapsedAt(packet) - _lastLength, 0) - start;
        _counts = _counts with { Discontinuities = _counts.Discontinuities + 1 };
        return true;
    }

    // What is missing before a packet: as much of it as the missing packets can have held is a loss, the rest the sender did not send.
    private void FillTo(long start, in QueuedPacket packet, bool isJump, ReadOnlySpan<byte> behind = default, int behindAt = 0)
    {
        long gap = start - Position;
        if (gap <= 0) return;
        long each = _lastLength > 0 ? _lastLength : SamplesPerSecond / 50;
        long loss = isJump ? 0 : Math.Min(gap, _missing * each);
        bool isSilentFirst = _wasDtx || _noiseLength >= 0;
        if (isSilentFirst) AddQuiet(gap - loss, packet, isJump);
        AddLoss(loss, packet, behind, behindAt);
        if (!isSilentFirst) AddQuiet(gap - loss, packet, isJump);
        _missing = Math.Max(_missing - (loss + each - 1) / each, 0);
    }

    private void AddQuiet(long length, in QueuedPacket packet, bool isJump)
    {
        if (length <= 0) return;
        bool isNoise = _noiseLength >= 0;
        AudioSpanKind kind = isNoise ? AudioSpanKind.ComfortNoise : AudioSpanKind.Silence;
        _ready.Add(Filler(kind, length, packet) with { IsDiscontinuity = isJump }, isNoise ? _noiseAt : 0, Math.Max(_noiseLength, 0));
        Position += length;
    }

    private void AddLoss(long length, in QueuedPacket packet, ReadOnlySpan<byte> behind, int behindAt)
    {
        if (length <= 0) return;
        int fec = 0;
        bool canHaveFec = _options.Codec == MediaCodec.Opus && !behind.IsEmpty && !_wasDtx && _noiseLength < 0;
        if (canHaveFec && OpusPacket.HasFec(behind) && OpusPacket.Parse(behind, out OpusPacket opus) == DropReason.None)
            fec = (int)Math.Min(length, opus.SamplesPerFrame);
        AudioSpanInfo loss = Filler(AudioSpanKind.Loss, length, packet) with { FecLength = fec, LostPackets = _missing };
        _ready.Add(loss, fec > 0 ? behindAt : 0, fec > 0 ? behind.Length : 0);
        Position += length;
    }

    private AudioSpanInfo Filler(AudioSpanKind kind, long length, in QueuedPacket packet) => new()
    {
        Kind = kind,
        Start = Position,
        Length = length,
        Timestamp = packet.Timestamp,
        Sequence = packet.Sequence,
        ReceivedAt = packet.ReceivedAt,
    };

    private bool TryMeasure(ReadOnlySpan<byte> payload, out long length, out bool isDtx)
    {
        isDtx = false;
        length = (long)payload.Length * _scale;        // G.711 and G.722: 8,000 bytes, and ticks, a second
        if (_options.Codec != MediaCodec.Opus) return true;
        if (OpusPacket.Parse(payload, out OpusPacket opus) != DropReason.None) return false;
        (length, isDtx) = (opus.Samples, opus.IsDtx);
        return true;
    }

    private void Refuse()
    {
        _missing++;
        _counts = _counts with { Malformed = _counts.Malformed + 1 };
    }
}
