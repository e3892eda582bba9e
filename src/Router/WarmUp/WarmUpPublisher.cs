using System.Buffers.Binary;
using Sfu.Media.Codecs;
using Sfu.Media.Rtcp;
using Sfu.Media.Rtp;
using Sfu.Media.Time;

namespace Sfu.Router.WarmUp;

/// <summary>Makes the publisher's packets: pictures of five packets, sound, now and then one that is lost and comes by RTX, sender reports.</summary>
internal sealed class WarmUpPublisher(WarmUpClient client, MediaCodec codec)
{
    /// <summary>Packets of a picture.</summary>
    internal const int PacketsPerPicture = 5;

    private const int VideoPayload = 1160;
    private const int AudioPayload = 100;
    private const int LossEvery = 99;                    // not a multiple of the parts: a lost last part shows only when the repair is there already
    private const int KeyFrameEvery = 300;
    private const int PictureTicks = 3000;                 // of 90 kHz: 30 a second
    private const int AudioTicks = 960;                    // of 48 kHz: 20 ms

    private readonly byte[] _plain = new byte[1500];
    private readonly byte[] _lost = new byte[1500];
    private ulong _videoIndex = 1000;
    private ulong _audioIndex = 2000;
    private ulong _rtxIndex = 3000;
    private uint _picture;
    private ushort _transportCc;
    private int _lostLength;
    private int _lostPayloadAt;

    /// <summary>Packets that were to reach every viewer.</summary>
    internal long Sent { get; private set; }

    /// <summary>The packets of one picture.</summary>
    internal void SendPicture(MediaTime now)
    {
        if (_lostLength > 0) Repair(now);
        bool isKey = _picture++ % KeyFrameEvery == 0;
        for (int part = 0; part < PacketsPerPicture; part++)
        {
            int at = WriteHeader(
                WarmUpTracks.Video, ++_videoIndex, _picture * PictureTicks, WarmUpTracks.SenderVideo, "v"u8, part == PacketsPerPicture - 1, level: null);
            WritePayload(_plain.AsSpan(at, VideoPayload), part, isKey);
            Sent++;
            if (_videoIndex % LossEvery == 0) Keep(at);
            else client.SendRtp(now, _plain.AsSpan(0, at + VideoPayload), at, WarmUpTracks.SenderVideo, _videoIndex);
        }
    }

    /// <summary>20 ms of sound.</summary>
    internal void SendSound(MediaTime now)
    {
        int at = WriteHeader(
            WarmUpTracks.Opus, ++_audioIndex, (uint)_audioIndex * AudioTicks, WarmUpTracks.SenderAudio, "a"u8, false, (byte)(20 + _audioIndex % 50));
        _plain.AsSpan(at, AudioPayload).Fill(0x55);
        _plain[at] = 0x78;                                 // Opus TOC: one frame of 20 ms, CELT (RFC 6716 section 3.1)
        Sent++;
        client.SendRtp(now, _plain.AsSpan(0, at + AudioPayload), at, WarmUpTracks.SenderAudio, _audioIndex);
    }

    /// <summary>Says how its streams' clocks stand.</summary>
    internal void SendReport(MediaTime now)
    {
        Span<byte> compound = stackalloc byte[256];
        var writer = new RtcpWriter(compound);
        NtpTime wall = NtpTime.FromUnixNanoseconds(WarmUpCall.UnixAtZero + now.Nanoseconds);
        writer.WriteSenderReport(WarmUpTracks.SenderVideo, wall, new RtpTimestamp(_picture * PictureTicks), 1, 1, default);
        writer.WriteSenderReport(WarmUpTracks.SenderAudio, wall, new RtpTimestamp((uint)_audioIndex * AudioTicks), 1, 1, default);
        writer.WriteSourceDescription(WarmUpTracks.SenderVideo, "warm-up"u8);
        client.SendRtcp(now, writer.Written);
    }

    private int WriteHeader(byte payloadType, ulong index, uint timestamp, Ssrc ssrc, ReadOnlySpan<byte> mid, bool marker, byte? level)
    {
        var writer = new RtpHeaderWriter(_plain, marker, payloadType, new SequenceNumber((ushort)index), new RtpTimestamp(timestamp), ssrc);
        writer.AddExtension(WarmUpTracks.MidId, mid);
        _transportCc++;
        writer.AddExtension(WarmUpTracks.TransportCcId, [(byte)(_transportCc >> 8), (byte)_transportCc]);
        if (level is { } value) writer.AddExtension(WarmUpTracks.LevelId, [value]);
        return writer.Finish();
    }

    private void WritePayload(Span<byte> payload, int part, bool isKey)
    {
        payload.Fill(0x55);
        if (codec == MediaCodec.H264) WriteH264(payload, part, isKey);
        else WriteVp8(payload, part, isKey);
    }

    /// <summary>A slice in fragments (RFC 6184 section 5.8).</summary>
    private static void WriteH264(Span<byte> payload, int part, bool isKey)
    {
        const byte FuA = 0x7C, Start = 0x80, End = 0x40, Slice = 1, IdrSlice = 5;
        payload[0] = FuA;
        payload[1] = (byte)((isKey ? IdrSlice : Slice) | (part == 0 ? Start : part == PacketsPerPicture - 1 ? End : 0));
        if (part == 0) payload[2] = 0x88;                  // first_mb_in_slice is 0: a picture begins
    }

    /// <summary>A descriptor with picture id and layers (RFC 7741 section 4.2), and the head of a frame.</summary>
    private void WriteVp8(Span<byte> payload, int part, bool isKey)
    {
        payload[0] = (byte)(0x80 | (part == 0 ? 0x10 : 0));
        payload[1] = 0xE0;
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], (ushort)(0x8000 | (_picture & 0x7FFF)));
        payload[4] = (byte)_picture;
        payload[5] = 0;
        payload[6] = (byte)(isKey ? 0x10 : 0x11);
        if (isKey && part == 0) ((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A, 0x80, 2, 0x68, 1]).CopyTo(payload[9..]);
    }

    private void Keep(int payloadAt)
    {
        _lostPayloadAt = payloadAt;
        _lostLength = payloadAt + VideoPayload;
        _plain.AsSpan(0, _lostLength).CopyTo(_lost);
    }

    /// <summary>What was lost before, as it comes when the server asked for it (RFC 4588 section 4).</summary>
    private void Repair(MediaTime now)
    {
        ushort number = BinaryPrimitives.ReadUInt16BigEndian(_lost.AsSpan(2));
        uint timestamp = BinaryPrimitives.ReadUInt32BigEndian(_lost.AsSpan(4));
        int at = WriteHeader(WarmUpTracks.VideoRtx, ++_rtxIndex, timestamp, WarmUpTracks.SenderRtx, "v"u8, (_lost[1] & 0x80) != 0, level: null);
        BinaryPrimitives.WriteUInt16BigEndian(_plain.AsSpan(at), number);
        ReadOnlySpan<byte> payload = _lost.AsSpan(_lostPayloadAt, _lostLength - _lostPayloadAt);
        payload.CopyTo(_plain.AsSpan(at + 2));
        _lostLength = 0;
        client.SendRtp(now, _plain.AsSpan(0, at + 2 + payload.Length), at, WarmUpTracks.SenderRtx, _rtxIndex);
    }
}
