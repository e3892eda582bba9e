using Sfu.Media.Codecs;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.KeyFrames;
using Sfu.Router.Rooms;

namespace Sfu.Router.Producers;

/// <summary>One SSRC of a producer: what came of it, what is missing, and its last packets.</summary>
/// <remarks>Owned by its producer. A client that changes the SSRC of an encoding gets another RtpStream.</remarks>
internal sealed class RtpStream : IDisposable
{
    private const int AudioRing = 16 * 1024;
    private const int VideoRing = 128 * 1024;
    private const int MaxVideoRing = 1024 * 1024;

    private SequenceUnwrapper _unwrapper;
    private RtpTimestamp _keyFrameTimestamp;
    private long _expectedBefore;
    private long _receivedBefore;

    /// <summary>Makes the state of a stream that begins.</summary>
    /// <param name="now">When its first packet came.</param>
    /// <param name="number">Its number in the room.</param>
    /// <param name="producer">Whose it is.</param>
    /// <param name="encoding">Index of its encoding in the producer's list.</param>
    /// <param name="ssrc">Its SSRC.</param>
    /// <param name="format">The codec of its first packet.</param>
    /// <param name="fence">Says when ring memory is free again.</param>
    internal RtpStream(MediaTime now, uint number, Producer producer, int encoding, Ssrc ssrc, CodecFormat format, IPayloadFence fence)
        : this(now, number, producer, encoding, ssrc, format.ClockRate, format.Feedback.HasFlag(CodecFeedback.Nack), fence)
    {
    }

    /// <summary>Makes the state of a stream that begins, or that comes from another worker.</summary>
    /// <param name="now">When its first packet came.</param>
    /// <param name="number">Its number in the room.</param>
    /// <param name="producer">Whose it is.</param>
    /// <param name="encoding">Index of its encoding in the producer's list.</param>
    /// <param name="ssrc">Its SSRC.</param>
    /// <param name="clockRate">RTP clock in Hz.</param>
    /// <param name="asksAgain">What is missing is asked for here.</param>
    /// <param name="fence">Says when ring memory is free again.</param>
    internal RtpStream(MediaTime now, uint number, Producer producer, int encoding, Ssrc ssrc, int clockRate, bool asksAgain, IPayloadFence fence)
    {
        Number = number;
        Producer = producer;
        Encoding = encoding;
        Ssrc = ssrc;
        Activity = new StreamActivity(now);
        Statistics = new ReceptionStatistics(clockRate);
        Clock = new StreamClock(clockRate);
        Nack = asksAgain ? new NackGenerator(NackLimits.Default) : null;
        Ring = producer.Kind == MediaKind.Audio
            ? new PacketRing(AudioRing, AudioRing, fence)
            : new PacketRing(VideoRing, MaxVideoRing, fence);
    }

    /// <summary>Its number in the room; not 0.</summary>
    internal uint Number { get; }

    /// <summary>Whose it is.</summary>
    internal Producer Producer { get; }

    /// <summary>Index of its encoding in the producer's list, lowest first.</summary>
    internal int Encoding { get; }

    /// <summary>Its SSRC.</summary>
    internal Ssrc Ssrc { get; }

    /// <summary>Its last packets.</summary>
    internal PacketRing Ring { get; }

    /// <summary>Which packets came.</summary>
    internal ArrivalFilter Arrivals { get; } = new();

    /// <summary>Loss and jitter.</summary>
    internal ReceptionStatistics Statistics { get; }

    /// <summary>Maps its time stamps to our wall clock.</summary>
    internal StreamClock Clock { get; }

    /// <summary>What is missing; null when the client takes no NACKs.</summary>
    internal NackGenerator? Nack { get; }

    /// <summary>Stops what exceeds the limits.</summary>
    internal FrameGate Gate { get; } = new();

    /// <summary>Asks for key frames.</summary>
    internal KeyFrameRequester KeyFrames { get; } = new();

    /// <summary>How fast and how large its pictures are.</summary>
    internal StreamActivity Activity { get; }

    /// <summary>Unwrapped number of the newest packet.</summary>
    internal long HighestIndex => _unwrapper.Highest;

    /// <summary>Different packets that came, by themselves or repaired.</summary>
    internal long Received { get; set; }

    /// <summary>A packet came on the stream's own SSRC: RTX has something to refer to.</summary>
    internal bool IsStarted => _unwrapper.Started;

    /// <summary>The first packet of the newest key frame; null when there is none that may be shown to somebody new.</summary>
    internal long? KeyFrameIndex { get; private set; }

    /// <summary>When the sender is to be asked again for a key frame.</summary>
    internal MediaTime NextKeyFramePoll { get; set; } = MediaTime.Never;

    /// <summary>A packet that decoding may start with came; a later one of the same frame is no start.</summary>
    internal void OnKeyFrame(long index, RtpTimestamp timestamp)
    {
        KeyFrames.OnKeyFrame();
        if (KeyFrameIndex is { } known && (index < known || timestamp == _keyFrameTimestamp)) return;
        KeyFrameIndex = index;
        _keyFrameTimestamp = timestamp;
    }

    /// <summary>Nobody new may be shown what came so far.</summary>
    internal void Reopen()
    {
        KeyFrameIndex = null;
        Ring.Reopen();
    }

    /// <summary>The unwrapped number of a packet that arrived.</summary>
    internal long Unwrap(SequenceNumber number) => _unwrapper.Unwrap(number);

    /// <summary>Notes a number that was unwrapped elsewhere.</summary>
    internal void Take(long index) => _unwrapper.Take(index);

    /// <summary>The full number of a packet known by its lower 32 bits, if it is recent.</summary>
    internal long Expand(uint lower) => HighestIndex + (int)(lower - (uint)HighestIndex);

    /// <summary>Packets expected and not received by themselves since the last call.</summary>
    internal (long Expected, long Lost) TakeLoss()
    {
        long expected = Statistics.Expected - _expectedBefore, received = Statistics.Received - _receivedBefore;
        _expectedBefore = Statistics.Expected;
        _receivedBefore = Statistics.Received;
        return (expected, Math.Max(0, expected - received));
    }

    /// <inheritdoc/>
    public void Dispose() => Ring.Dispose();
}
