using System.Buffers.Binary;
using System.Text;
using Sfu.Media.Rtp;
using Sfu.Media.Time;
using Sfu.Router.Workers;

namespace Sfu.Simulation.Clients;

/// <summary>A track that a client sends: paces its packets, answers NACKs by RTX and key frame requests by key frames.</summary>
internal sealed class OutgoingTrack
{
    private const int History = 1024;
    private const int AudioBody = 80;
    private const byte OpusToc = 0x78;
    private static readonly TimeSpan AudioInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan VideoInterval = TimeSpan.FromSeconds(1.0 / VideoSource.FramesPerSecond);

    private readonly SimulatedClient _client;
    private readonly VideoSource? _video;
    private readonly Dictionary<ushort, (byte[] Payload, bool Marker, uint Timestamp)> _history = [];
    private readonly uint _firstTimestamp;
    private ulong _index;
    private ulong _rtxIndex;
    private uint _audioNumber;
    private bool _wantsKeyFrame = true;
    private MediaTime _startedAt = MediaTime.Never;

    /// <summary>Makes a track that is not sent yet.</summary>
    internal OutgoingTrack(SimulatedClient client, ProducerId id, uint number, MediaKind kind, Random random)
    {
        _client = client;
        Id = id;
        Number = number;
        Kind = kind;
        Mid = $"t{number}";
        Ssrc = new Ssrc((uint)random.Next(1, int.MaxValue));
        RtxSsrc = kind == MediaKind.Video ? new Ssrc((uint)random.Next(1, int.MaxValue)) : null;
        _index = (ulong)random.Next(2, 0x7FFF);
        _rtxIndex = (ulong)random.Next(2, 0x7FFF);
        _firstTimestamp = (uint)random.NextInt64(uint.MaxValue);
        _video = kind == MediaKind.Video ? new VideoSource(number, random) : null;
    }

    internal ProducerId Id { get; }

    /// <summary>Names it in the <see cref="TestPattern"/>.</summary>
    internal uint Number { get; }

    internal MediaKind Kind { get; }

    internal string Mid { get; }

    internal Ssrc Ssrc { get; }

    internal Ssrc? RtxSsrc { get; }

    /// <summary>Packets made, retransmissions not counted.</summary>
    internal uint PacketCount => _video?.Count ?? _audioNumber;

    /// <summary>Payload bytes sent.</summary>
    internal uint OctetCount { get; private set; }

    /// <summary>Frames made.</summary>
    internal int FrameCount { get; private set; }

    /// <summary>Retransmissions sent.</summary>
    internal int RtxCount { get; private set; }

    /// <summary>PLIs and FIRs that came, with their times.</summary>
    internal List<MediaTime> KeyFrameRequests { get; } = [];

    /// <summary>When the next packet or frame leaves; never while it is not sent.</summary>
    internal MediaTime NextDeadline { get; private set; } = MediaTime.Never;

    /// <summary>Begins to send.</summary>
    internal void Start(MediaTime now)
    {
        _startedAt = now;
        NextDeadline = now;
    }

    /// <summary>Ceases to send.</summary>
    internal void Stop() => NextDeadline = MediaTime.Never;

    /// <summary>Sends what is due.</summary>
    internal void OnDeadline(MediaTime now)
    {
        if (now < NextDeadline) return;
        NextDeadline += Kind == MediaKind.Audio ? AudioInterval : VideoInterval;
        FrameCount++;
        if (Kind == MediaKind.Audio) SendAudio(now);
        else SendVideo(now);
    }

    /// <summary>The time stamp of an instant.</summary>
    internal RtpTimestamp TimestampAt(MediaTime now)
    {
        int clock = Kind == MediaKind.Audio ? MediaFormats.AudioClock : MediaFormats.VideoClock;
        return new RtpTimestamp(unchecked(_firstTimestamp + (uint)(long)((now - _startedAt).TotalSeconds * clock)));
    }

    /// <summary>The server wants a key frame.</summary>
    internal void OnKeyFrameRequest(MediaTime now)
    {
        KeyFrameRequests.Add(now);
        _wantsKeyFrame = true;
    }

    /// <summary>The server misses a packet.</summary>
    internal void OnNack(SequenceNumber number)
    {
        if (RtxSsrc is not { } rtx || !_history.TryGetValue(number.Value, out (byte[] Payload, bool Marker, uint Timestamp) sent)) return;
        RtxCount++;
        var carried = new byte[sent.Payload.Length + RtxPacket.OriginalSequenceNumberSize];
        BinaryPrimitives.WriteUInt16BigEndian(carried, number.Value);
        sent.Payload.CopyTo(carried, RtxPacket.OriginalSequenceNumberSize);
        Send(rtx, _rtxIndex++, MediaFormats.SentRtx, sent.Timestamp, sent.Marker, carried);
    }

    private void SendAudio(MediaTime now)
    {
        var payload = new byte[1 + AudioBody];
        payload[0] = OpusToc;
        TestPattern.Fill(payload.AsSpan(1), Number, _audioNumber++);
        SendNew(MediaFormats.SentOpus, TimestampAt(now).Value, marker: false, payload);
    }

    private void SendVideo(MediaTime now)
    {
        List<byte[]> frame = _video!.NextFrame(_wantsKeyFrame);
        _wantsKeyFrame = false;
        uint timestamp = TimestampAt(now).Value;
        for (int i = 0; i < frame.Count; i++) SendNew(MediaFormats.SentVp8, timestamp, i == frame.Count - 1, frame[i]);
    }

    private void SendNew(byte payloadType, uint timestamp, bool marker, byte[] payload)
    {
        OctetCount += (uint)payload.Length;
        _history[(ushort)_index] = (payload, marker, timestamp);
        _history.Remove((ushort)(_index - History));
        Send(Ssrc, _index++, payloadType, timestamp, marker, payload);
    }

    private void Send(Ssrc ssrc, ulong index, byte payloadType, uint timestamp, bool marker, byte[] payload)
    {
        Span<byte> header = stackalloc byte[64];
        var writer = new RtpHeaderWriter(header, marker, payloadType, new SequenceNumber((ushort)index), new RtpTimestamp(timestamp), ssrc);
        writer.AddExtension(MediaFormats.SentMidId, Encoding.ASCII.GetBytes(Mid));
        if (Kind == MediaKind.Audio) writer.AddExtension(MediaFormats.SentLevelId, [40]);
        ushort number = _client.TakeTransportCcNumber();
        writer.AddExtension(MediaFormats.SentTransportCcId, [(byte)(number >> 8), (byte)number]);
        int length = writer.Finish();
        _client.SendRtp(header[..length], payload, ssrc, index);
    }
}
