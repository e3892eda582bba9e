using Sfu.Media;
using Sfu.Media.Jitter;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Workers;

namespace Sfu.Simulation.Clients;

/// <summary>A track that a client is sent: checks every byte, asks for what is missing, and says what a decoder would have shown.</summary>
internal sealed class IncomingTrack
{
    private static readonly TimeSpan KeyFrameWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FrameWait = TimeSpan.FromSeconds(3);

    private readonly SimulatedClient _client;
    private readonly HashSet<long> _received = [];
    private readonly FrameFollower? _frames;
    private SequenceUnwrapper _unwrapper;
    private long _first;
    private MediaTime _askedAt;

    /// <summary>Makes a track that has received nothing.</summary>
    internal IncomingTrack(SimulatedClient client, ConsumerId id, OutgoingTrack source, Ssrc ssrc, Ssrc? rtx)
    {
        _client = client;
        Id = id;
        Source = source;
        Ssrc = ssrc;
        RtxSsrc = rtx;
        bool isVideo = source.Kind == MediaKind.Video;
        Nack = isVideo ? new NackGenerator(NackLimits.Default) : null;
        _frames = isVideo ? new FrameFollower() : null;
        Statistics = new ReceptionStatistics(isVideo ? MediaFormats.VideoClock : MediaFormats.AudioClock);
    }

    internal ConsumerId Id { get; }

    /// <summary>What the bytes must be of.</summary>
    internal OutgoingTrack Source { get; }

    internal Ssrc Ssrc { get; }

    internal Ssrc? RtxSsrc { get; }

    /// <summary>What to ask for again; video only.</summary>
    internal NackGenerator? Nack { get; }

    internal ReceptionStatistics Statistics { get; }

    /// <summary>Different packets received.</summary>
    internal int Received => _received.Count;

    /// <summary>Packets that came twice.</summary>
    internal int Duplicates { get; private set; }

    /// <summary>Packets that came as retransmission.</summary>
    internal int Repaired { get; private set; }

    /// <summary>When the first packet came; never while none did.</summary>
    internal MediaTime FirstAt { get; private set; } = MediaTime.Never;

    /// <summary>When the last packet came.</summary>
    internal MediaTime LastAt { get; private set; }

    /// <summary>Longest time between two packets.</summary>
    internal TimeSpan LongestSilence { get; private set; }

    /// <summary>Frames that a decoder would have shown.</summary>
    internal int DecodedFrames => _frames?.Decoded ?? 0;

    /// <summary>When the first frame was whole; never before.</summary>
    internal MediaTime FirstDecodedAt => _frames?.FirstDecodedAt ?? MediaTime.Never;

    /// <summary>When the last frame was shown.</summary>
    internal MediaTime LastShownAt => _frames?.LastDecodedAt ?? MediaTime.Zero;

    /// <summary>PLIs it sent.</summary>
    internal int KeyFrameRequests { get; private set; }

    /// <summary>When it wants to ask for a key frame: nothing to show for too long (libwebrtc video_receive_stream2.cc: 200 ms for a first
    /// key frame, 3 s for the next frame).</summary>
    internal MediaTime NextKeyFrameRequest
    {
        get
        {
            if (_frames is null || FirstAt.IsNever) return MediaTime.Never;
            bool hasShown = !_frames.FirstDecodedAt.IsNever;
            MediaTime since = MediaTime.Max(hasShown ? _frames.LastDecodedAt : FirstAt, _askedAt);
            return since + (hasShown ? FrameWait : KeyFrameWait);
        }
    }

    /// <summary>Longest time between two shown frames.</summary>
    internal TimeSpan LongestFreeze => _frames?.LongestFreeze ?? TimeSpan.Zero;

    /// <summary>Share of the packets up to now that never came, 0 to 1; the newest ones may still be under way and are left out.</summary>
    /// <param name="newest">How many of the newest not to count.</param>
    internal double ShareMissing(int newest)
    {
        long end = _unwrapper.Highest - newest;
        if (_received.Count == 0 || end <= _first) return 0;
        long missing = 0;
        for (long i = _first; i <= end; i++)
            if (!_received.Contains(i)) missing++;
        return (double)missing / (end - _first + 1);
    }

    /// <summary>True when a PLI is to leave now.</summary>
    internal bool TakeKeyFrameRequest(MediaTime now)
    {
        bool isGivenUp = Nack?.TakeGivenUp() ?? false;
        if (!isGivenUp && now < NextKeyFrameRequest) return false;
        KeyFrameRequests++;
        _askedAt = now;
        return true;
    }

    /// <summary>Takes a packet of its own SSRC, or one restored from RTX.</summary>
    internal void OnPacket(MediaTime now, ReadOnlySpan<byte> packet, in RtpHeader header, bool isRepaired)
    {
        long sequence = _unwrapper.Unwrap(header.SequenceNumber);
        if (_received.Count == 0) _first = sequence;
        if (!isRepaired) Statistics.OnPacket(now, sequence, header.Timestamp);
        Nack?.OnPacket(now, sequence);
        if (!_received.Add(sequence))
        {
            Duplicates++;
            return;
        }

        if (isRepaired) Repaired++;
        _first = Math.Min(_first, sequence);
        NoteTime(now);
        Assert.Equal(DropReason.None, header.TryGetPayload(packet, out int length));
        ReadOnlySpan<byte> payload = packet.Slice(header.PayloadAt, length);
        Check(payload, header, out bool isStart, out bool isKey, out uint number);
        _frames?.OnPacket(now, sequence, header.Marker, isStart, isKey, isEmpty: payload.IsEmpty);
        _client.World.Log.Add(now, $"media {_client.Name} {Source.Number} {number}");
    }

    private void NoteTime(MediaTime now)
    {
        if (FirstAt.IsNever) FirstAt = now;
        else if (now - LastAt > LongestSilence) LongestSilence = now - LastAt;
        LastAt = now;
    }

    /// <summary>I1: what arrives is what the sender sent, byte by byte.</summary>
    private void Check(ReadOnlySpan<byte> payload, in RtpHeader header, out bool isStart, out bool isKey, out uint number)
    {
        isStart = isKey = false;
        number = 0;
        if (payload.IsEmpty) return;                       // keeps the place of a packet that was left out
        bool isVideo = Source.Kind == MediaKind.Video;
        Assert.Equal(isVideo ? MediaFormats.ReceivedVp8 : MediaFormats.ReceivedOpus, header.PayloadType);
        int bodyAt = isVideo ? VideoSource.BodyAt(payload) : 1;
        Assert.True(bodyAt > 0 && TestPattern.TryRead(payload[bodyAt..], out uint track, out number) && track == Source.Number,
            $"packet {header.SequenceNumber.Value} of {Ssrc} is not what track {Source.Number} sent");
        Assert.True(number < Source.PacketCount, "a packet that was never sent");
        isStart = isVideo && VideoSource.IsFrameStart(payload);
        isKey = isVideo && VideoSource.IsKeyFrame(payload);
    }
}
